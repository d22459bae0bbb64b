/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes a syslog line apart: when, which host, which tag and pid, what text.
 * Doesn't know: Postfix, files, clocks, time zones (asked of the caller).
 * Owns:         nothing; the spans of a header point into the line.
 * Time:         the line's own; a form without year takes the year from `reference`, a form without
 *               zone asks `zone`.
 * Fails:        header_parse returns false for a line in no known form; nothing is guessed.
 */
#ifndef RELAYWATCH_HEADER_H
#define RELAYWATCH_HEADER_H

#include "when.h"

/* What the forms without year and zone need, and what the last line said, which is nearly always
 * what the next one says too. Zero it, set the first three, keep it for lines in order. */
struct header_clock {
    wall_us reference; /* now when live, the file's mtime when reading an old one */
    when_zone *zone;   /* NULL is UTC */
    void *zone_ctx;
    wall_us last;   /* of the last line that had one */
    char stamp[20]; /* the date text behind `seconds`, to the second */
    uint8_t stamp_len;
    wall_us seconds; /* of `stamp`, with no zone applied in the RFC 3339 forms */
};

struct header {
    wall_us when;
    struct span host;
    struct span tag;  /* "postfix/smtpd" */
    struct span text; /* what follows "tag[pid]: " */
    uint32_t pid;     /* 0 where there is none */
};

/* The forms (postfix-log-format.md in the manual's words): RFC 3164, RFC 3339, RFC 5424, postlogd's
 * own, with PRI, with a container's prefix, and "message repeated N times: [ ... ]", whose inner
 * text is given. */
bool header_parse(struct header_clock *clock, struct span line, struct header *ret);

#endif
