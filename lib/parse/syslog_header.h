/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes a syslog line apart: time, host, tag, pid and text.
 * Doesn't know: Postfix, files, clocks; for time zones it asks the caller.
 * Owns:         nothing; the spans of a header point into the line.
 * Time:         the line's own; `reference` gives the year if a form has none, `zone` the zone.
 * Fails:        syslog_header_parse returns false for a line in no known form; it never guesses.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_HEADER_H
#define RELAYWATCH_PARSE_SYSLOG_HEADER_H

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
    wall_us seconds; /* of `stamp`; in the RFC 3339 forms, before the zone is applied */
    struct syslog_prefix *prefix; /* SYSLOG_PREFIXES of them, zeroed; or NULL */
    int64_t quarter; /* clocks change on the quarter hour, so the zone is asked once per quarter */
    int east;
};

/* "mx1 postfix/smtpd": a log has only a few dozen different texts between date and pid. */
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
    uint32_t pid;     /* 0 if there is none */
    /* A number below SYSLOG_PREFIXES that stands for host and tag, or -1. */
    int prefix;
    bool prefix_new; /* that number stood for another host and tag before this line */
};

/* Reads RFC 3164, RFC 3339, RFC 5424 and postlogd's form, with or without PRI or a container's
 * prefix. "message repeated N times: [ ... ]" gives the inner text. */
bool syslog_header_parse(struct syslog_clock *clock, struct span line, struct syslog_header *ret);

#endif
