/* SPDX-License-Identifier: MIT */
#include "source/line_time.h"

#include <string.h>

#include "common/clock.h"
#include "parse/log_line.h"
#include "parse/syslog_json.h"

/* False: the line has no time. */
static bool time_of(struct span line, wall_us reference, wall_us *ret)
{
    struct syslog_clock clock = {.reference = reference, .zone = clock_local_zone};
    struct syslog_header header;
    char plain[LOG_LINE_MAX];

    line = log_line_that_counts(line);
    if (!syslog_header_parse(&clock, syslog_json_unwrap(line, plain, sizeof(plain)), &header))
        return false;
    *ret = header.when;
    return true;
}

wall_us line_time(const char *data, size_t len, wall_us reference)
{
    struct span text = span_of(data, len), line;
    wall_us when;

    while (span_take_line(&text, &line))
        if (time_of(line, reference, &when))
            return when;
    return LINE_TIME_FIRST;
}

/* Files that follow each other, as rotated ones do, need one look for a whole block. */
static bool ends_before(struct span text, wall_us reference, wall_us until)
{
    const char *before = text.len > 1 ? memrchr(text.at, '\n', text.len - 1) : NULL;
    wall_us when;

    if (before)
        text = span_skip(text, (size_t)(before + 1 - text.at));
    return time_of(span_head(text, text.len - 1), reference, &when) && when <= until;
}

size_t line_time_until(const char *data, size_t len, wall_us reference, wall_us until)
{
    struct span rest = span_of(data, len), line;
    wall_us when;

    if (len == 0 || until == LINE_TIME_NEVER || ends_before(rest, reference, until))
        return len;
    while (span_take_line(&rest, &line))
        if (time_of(line, reference, &when) && when > until)
            return (size_t)(line.at - data);
    return len;
}
