/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes a syslog line apart: when, which host, which tag and pid, what text.
 * Doesn't know: Postfix, files, clocks, time zones (asked of the caller).
 * Owns:         nothing; the spans of a header point into the line.
 * Time:         the line's own; a form without year takes the year from `reference`, a form without
 *               zone asks `zone`.
 * Fails:        syslog_header_parse returns false for a line in no known form; nothing is guessed.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_HEADER_H
#define RELAYWATCH_PARSE_SYSLOG_HEADER_H

#include "base/when.h"

/* What the forms without year and zone need, and what the last line said, which is nearly always
 * what the next one says too. Zero it, set the first three, keep it for lines in order. */
struct syslog_prefix;
struct syslog_clock {
    wall_us reference; /* now when live, the file's mtime when reading an old one */
    when_zone *zone;   /* NULL is UTC */
    void *zone_ctx;
    wall_us last;   /* of the last line that had one */
    char stamp[20]; /* the date text behind `seconds`, to the second */
    uint8_t stamp_len;
    wall_us seconds;              /* of `stamp`, with no zone applied in the RFC 3339 forms */
    struct syslog_prefix *prefix; /* SYSLOG_PREFIXES of them, zeroed; or NULL */
    int64_t quarter; /* clocks change at full quarters of an hour: asked once in each */
    int east;
};

/* "mx1 postfix/smtpd": what stands between date and pid is one of a few dozen texts. */
enum { SYSLOG_PREFIXES = 256, SYSLOG_PREFIX_MAX = 62 };
struct syslog_prefix {
    uint8_t len; /* 0: free */
    uint8_t host_len;
    char at[SYSLOG_PREFIX_MAX];
};

struct syslog_header {
    wall_us when;
    struct span host;
    struct span tag;  /* "postfix/smtpd" */
    struct span text; /* what follows "tag[pid]: " */
    uint32_t pid;     /* 0 where there is none */
    /* Host and tag as a number below SYSLOG_PREFIXES; -1: they have none. */
    int prefix;
    bool prefix_new; /* that number stood for another host and tag before this line */
};

/* The forms: RFC 3164, RFC 3339, RFC 5424, postlogd's own, with PRI, with a container's prefix, and
 * "message repeated N times: [ ... ]", whose inner text is given. */
bool syslog_header_parse(struct syslog_clock *clock, struct span line, struct syslog_header *ret);

#endif
