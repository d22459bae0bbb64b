/* SPDX-License-Identifier: MIT */
#include "source/line_time.h"

#include <string.h>

#include "common/clock.h"
#include "parse/log_line.h"

#define FAR (10 * US_PER_S)

void line_time_reference(struct syslog_clock *clock, wall_us reference)
{
    if (clock->zone && clock->reference == reference)
        return;
    /* Nothing is kept of the last date: it may have had another year. */
    *clock = (struct syslog_clock){
        .reference = reference, .zone = clock_local_zone, .open = clock->open};
    clock->last = WHEN_UNKNOWN;
}

/* False: the line has no time. */
static bool time_of(struct syslog_clock *clock, struct span line, wall_us *ret)
{
    struct syslog_header header;
    char plain[LOG_LINE_MAX];

    line = syslog_unwrap(log_line_that_counts(line), plain, sizeof(plain));
    if (syslog_cut_see(&clock->open, line) != SYSLOG_CUT_WHOLE ||
        !syslog_header_parse(clock, line, &header))
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

/* When a line comes that says `when`, was preceded by `last` and is followed by `rest`. */
static wall_us turn_of(const struct syslog_clock *clock, wall_us when, wall_us last,
                       struct span rest)
{
    struct syslog_clock ahead = *clock; /* the clock is for lines in order */
    wall_us next;

    if (last != WHEN_UNKNOWN && when - LINE_TIME_AHEAD <= last)
        return when;
    next = next_time(&ahead, &rest);
    return next != WHEN_UNKNOWN && next < when - LINE_TIME_AHEAD ? next : when;
}

wall_us line_time(const struct syslog_clock *clock, const char *data, size_t len)
{
    struct syslog_clock ahead = *clock;
    struct span rest = span_of(data, len);
    wall_us when = next_time(&ahead, &rest);

    return when == WHEN_UNKNOWN ? LINE_TIME_FIRST : turn_of(&ahead, when, clock->last, rest);
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

/* The line that was held back has not been seen yet. */
static size_t hold(struct syslog_clock *clock, wall_us last, wall_us next, size_t len,
                   wall_us *ret_next)
{
    clock->last = last;
    *ret_next = next;
    return len;
}

size_t line_time_until(struct syslog_clock *clock, const char *data, size_t len, wall_us until,
                       wall_us *ret_next)
{
    struct span rest = span_of(data, len), line;
    wall_us last = clock->last, when = WHEN_UNKNOWN;

    if (len == 0 || until == LINE_TIME_NEVER)
        return len;
    span_take_line(&rest, &line);
    bool dated = time_of(clock, line, &when);
    /* Logs that take turns rarely get so far: then the block's last line is not worth a look. */
    if ((!dated || when + FAR < until) && ends_before(clock, span_of(data, len), until))
        return len;
    for (;;) {
        wall_us turn = dated && when > until ? turn_of(clock, when, last, rest) : until;
        if (turn > until)
            return hold(clock, last, turn, (size_t)(line.at - data), ret_next);
        last = clock->last;
        if (!span_take_line(&rest, &line))
            return len;
        dated = time_of(clock, line, &when);
    }
}
