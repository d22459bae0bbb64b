/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes the date off a line, in any of the forms that loggers use.
 * Doesn't know: what follows the date, or the clock of this machine.
 * Owns:         nothing; the clock, with its cache of the last date, belongs to the caller.
 * Time:         the line's own; `reference` gives the year if a form has none, `zone` the zone.
 * Fails:        false, leaving the line alone, if it does not begin with such a date.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_DATE_H
#define RELAYWATCH_PARSE_SYSLOG_DATE_H

#include "base/span.h"
#include "base/when.h"

/* What the forms without year and zone need, and a cache of what the last line said, which the next
 * one nearly always says too. Zero it, set the first three fields, use it for lines in order. */
struct syslog_prefix;
struct syslog_clock {
    wall_us reference; /* the time now, or the mtime of an old file */
    when_zone *zone;   /* NULL is UTC */
    void *zone_ctx;
    wall_us last;   /* time of the last line that had one */
    char stamp[20]; /* the text that `seconds` was read from */
    uint8_t stamp_len;
    uint8_t open;      /* for syslog_cut.h */
    wall_us seconds;   /* of `stamp`; in the RFC 3339 forms, before the zone is applied */
    char day[8];       /* "Nov 24 ", of which day_start is known; zeros: none */
    wall_us day_start; /* before the zone is applied */
    struct syslog_prefix *prefix; /* SYSLOG_PREFIXES of them, zeroed; or NULL */
    int64_t quarter; /* clocks change on the quarter hour, so the zone is asked once per quarter */
    int east;
};

/* The time now, or of an old file: it decides the year of dates without one. */
static inline void syslog_clock_set_reference(struct syslog_clock *clock, wall_us reference)
{
    clock->reference = reference;
    clock->stamp_len = 0; /* what is cached may have another year */
    clock->day[0] = '\0';
}

/* Each cuts a date and the blank after it off *s. */

/* "Nov 24 03:47:12 "; a day of one digit may have a blank, a zero or nothing before it. */
bool syslog_date_rfc3164(struct syslog_clock *clock, struct span *s, wall_us *ret);
/* "2023-03-14T00:00:31.185246+01:00 "; local time if there is no zone. */
bool syslog_date_rfc3339(struct syslog_clock *clock, struct span *s, wall_us *ret);
/* "2013 Jun 10 06:27:30.123 " */
bool syslog_date_year_first(struct syslog_clock *clock, struct span *s, wall_us *ret);
/* "1714978800.123456 ", "1714978800 " */
bool syslog_date_unix(struct span *s, wall_us *ret);
/* "@400000006b0c81843474bbdc ", from multilog and svlogd */
bool syslog_date_tai64n(struct span *s, wall_us *ret);
/* "Mon 2024-05-06 09:00:00 CEST ", or OpenWrt's "Mon May  6 09:00:00 2024 ", which no host follows.
 */
bool syslog_date_weekday_first(struct syslog_clock *clock, struct span *s, wall_us *ret,
                               bool *ret_has_host);
/* Whether the line begins with the very RFC 3164 date, and its blank, of the line before. Sixteen
 * bytes are readable. */
enum { SYSLOG_DATE_RFC3164 = sizeof("Nov 24 03:47:12 ") - 1 };
static inline bool syslog_date_again(const struct syslog_clock *clock, const char *at)
{
    return clock->stamp_len == SYSLOG_DATE_RFC3164 - 1 &&
           memcmp(clock->stamp, at, SYSLOG_DATE_RFC3164) == 0;
}
/* The length of the RFC 3339 or 3164 date, and the blank after it, that the line begins with; 0 if
 * there is none. */
size_t syslog_date_common(struct syslog_clock *clock, struct span line, wall_us *ret);
/* Skips an RFC 3164 or RFC 3339 date without reading the time, and leaves the cache alone. */
bool syslog_date_skip(struct span *s);

#endif
