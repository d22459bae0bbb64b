/* SPDX-License-Identifier: MIT */
#include "source/line_time.h"

#include <string.h>

#include "common/clock.h"
#include "parse/log_line.h"
#include "parse/syslog_json.h"

void line_time_reference(struct syslog_clock *clock, wall_us reference)
{
    if (clock->zone && clock->reference == reference)
        return;
    /* Nothing is kept of the last date: it may have had another year. */
    *clock = (struct syslog_clock){.reference = reference, .zone = clock_local_zone};
    clock->last = WHEN_UNKNOWN;
}

/* False: the line has no time. */
static bool time_of(struct syslog_clock *clock, struct span line, wall_us *ret)
{
    struct syslog_header header;
    char plain[LOG_LINE_MAX];

    line = log_line_that_counts(line);
    if (!syslog_header_parse(clock, syslog_json_unwrap(line, plain, sizeof(plain)), &header))
        return false;
    *ret = header.when;
    return true;
}

/* The next line of *rest that has a time, or WHEN_UNKNOWN. */
static wall_us next_time(struct syslog_clock *clock, struct span *rest)
{
    struct span line;
    wall_us when;

    while (span_take_line(rest, &line))
        if (time_of(clock, line, &when))
            return when;
    return WHEN_UNKNOWN;
}

/* When a line's turn comes that says `when`, and is followed by `rest`. */
static wall_us turn_of(const struct syslog_clock *clock, wall_us when, struct span rest)
{
    struct syslog_clock ahead = *clock; /* the clock is for lines in order */
    wall_us next = next_time(&ahead, &rest);

    return next != WHEN_UNKNOWN && next < when - LINE_TIME_AHEAD ? next : when;
}

wall_us line_time(struct syslog_clock *clock, const char *data, size_t len)
{
    struct span rest = span_of(data, len);
    wall_us when = next_time(clock, &rest);

    return when == WHEN_UNKNOWN ? LINE_TIME_FIRST : turn_of(clock, when, rest);
}

/* Files that follow each other, as rotated ones do, need one look for a whole block. */
static bool ends_before(struct syslog_clock *clock, struct span text, wall_us until)
{
    const char *before = text.len > 1 ? memrchr(text.at, '\n', text.len - 1) : NULL;
    struct syslog_clock ahead = *clock;
    struct span last = SPAN_NONE;
    wall_us when;

    if (before)
        text = span_skip(text, (size_t)(before + 1 - text.at));
    span_take_line(&text, &last);
    if (!time_of(&ahead, last, &when) || when > until)
        return false;
    *clock = ahead;
    return true;
}

size_t line_time_until(struct syslog_clock *clock, const char *data, size_t len, wall_us until)
{
    struct span rest = span_of(data, len), line;
    wall_us when;

    if (len == 0 || until == LINE_TIME_NEVER || ends_before(clock, rest, until))
        return len;
    while (span_take_line(&rest, &line))
        if (time_of(clock, line, &when) && when > until && turn_of(clock, when, rest) > until)
            return (size_t)(line.at - data);
    return len;
}
