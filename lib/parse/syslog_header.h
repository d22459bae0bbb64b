/* SPDX-License-Identifier: MIT */
/*
 * Does:         splits a syslog line into time, host, tag, pid and text.
 * Doesn't know: files and clocks; of Postfix only its tags, to find its lines in a container's.
 * Owns:         nothing; the spans of a header point into the line.
 * Time:         the line's own; `reference` gives the year if a form has none, `zone` the zone.
 * Fails:        syslog_header_parse returns false for a line in no known form; it never guesses.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_HEADER_H
#define RELAYWATCH_PARSE_SYSLOG_HEADER_H

#include "base/hash.h"
#include "parse/syslog_date.h"

/* "mx1 postfix/smtpd": the log of a host has a few dozen different texts between date and pid, that
 * of a fleet thousands. */
enum { SYSLOG_PREFIXES = 16384, SYSLOG_PREFIX_MAX = 62 };
struct syslog_prefix {
    uint8_t len; /* 0: free */
    uint8_t host_len;
    char at[SYSLOG_PREFIX_MAX];
};

/* The number of a host and tag, by the first and the last eight bytes of "host tag". Only
 * distributes: who asks compares all of it. Hosts differ in their first bytes, programs in their
 * last. */
static inline unsigned syslog_prefix_slot(uint64_t first, uint64_t last)
{
    return hash_mix(first ^ HASH_ODD_1, last ^ HASH_ODD_2) % SYSLOG_PREFIXES;
}

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

/* Reads RFC 3164, RFC 3339, RFC 5424 and postlogd's form, those of journalctl, BusyBox, OpenWrt and
 * macOS, with or without PRI or a container's prefix. A Postfix line within the line of a container
 * runtime gives the inner host, tag, pid and text; "message repeated N times: [ ... ]" the inner
 * text. JSON and colours have to be unwrapped before
 * (syslog_unwrap.h). */
bool syslog_header_parse(struct syslog_clock *clock, struct span line, struct syslog_header *ret);
/* For lines of which most won't be needed: skips the date, whatever it is, and fills in the rest if
 * host and tag have a number. If false, only syslog_header_parse can tell. */
bool syslog_header_peek(const struct syslog_clock *clock, struct span line,
                        struct syslog_header *ret);

#endif
