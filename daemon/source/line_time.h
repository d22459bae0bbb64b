/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells the time of lines, for putting the lines of several files in order.
 * Doesn't know: files; what else is in a line.
 * Owns:         nothing.
 * Time:         the lines' own; `reference` gives the year to a date without one.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SOURCE_LINE_TIME_H
#define RELAYWATCH_SOURCE_LINE_TIME_H

#include "parse/syslog_date.h"

#define LINE_TIME_FIRST INT64_MIN /* before every line */
#define LINE_TIME_NEVER INT64_MAX /* after every line */

/* The time of the first line of data[0 .. len) that has one; else LINE_TIME_FIRST. */
wall_us line_time(const char *data, size_t len, wall_us reference);

/* How many bytes of data[0 .. len), which are whole lines, come before the first line later than
 * `until`. A line without a time belongs to the one before it. */
size_t line_time_until(const char *data, size_t len, wall_us reference, wall_us until);

#endif
