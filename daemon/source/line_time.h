/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells the time of lines, for putting the lines of several files in order.
 * Doesn't know: files; what else is in a line.
 * Owns:         nothing; each file's clock is the caller's.
 * Time:         the lines' own. A single line whose time is more than a day ahead of the next one's
 *               is out of its order: it comes when the next one does.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SOURCE_LINE_TIME_H
#define RELAYWATCH_SOURCE_LINE_TIME_H

#include "parse/syslog_date.h"

#define LINE_TIME_FIRST INT64_MIN /* before every line */
#define LINE_TIME_NEVER INT64_MAX /* after every line */
#define LINE_TIME_AHEAD (86400 * US_PER_S)

/* A new reference where it is another one: it gives the year to dates without one. */
void line_time_reference(struct syslog_clock *clock, wall_us reference);

/* The time of the first line of data[0 .. len) that has one; else LINE_TIME_FIRST. */
wall_us line_time(struct syslog_clock *clock, const char *data, size_t len);

/* How many bytes of data[0 .. len), which are whole lines, come before the first line later than
 * `until`. A line without a time belongs to the one before it. */
size_t line_time_until(struct syslog_clock *clock, const char *data, size_t len, wall_us until);

#endif
