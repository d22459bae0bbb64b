/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells the time of lines, for putting the lines of several files in order.
 * Doesn't know: files; what else is in a line.
 * Owns:         nothing; each file's clock is the caller's.
 * Time:         the lines' own. A single line whose time is more than a day ahead of both its
 *               neighbours' is out of its order: it comes when the next one does.
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

/* When the first line of data[0 .. len) that has a time comes; LINE_TIME_FIRST: none has one. */
wall_us line_time(const struct syslog_clock *clock, const char *data, size_t len);

/* How many bytes of data[0 .. len), which are whole lines, come before the first line later than
 * `until`; *ret_next is when that line comes. A line without a time belongs to the one before it.
 * The clock has then seen the lines before it. */
size_t line_time_until(struct syslog_clock *clock, const char *data, size_t len, wall_us until,
                       wall_us *ret_next);

#endif
