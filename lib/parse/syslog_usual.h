/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes the header off a line as most are: with an RFC 3164 or RFC 3339 date, host
 *               and tag of an earlier line, and a process. syslog_header_parse gives the same.
 * Doesn't know: any other line.
 * Owns:         nothing; the spans of a header point into the line.
 * Time:         as in syslog_header.h.
 * Fails:        false for anything else, which only syslog_header_parse can tell.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_USUAL_H
#define RELAYWATCH_PARSE_SYSLOG_USUAL_H

#include "parse/syslog_header.h"

/* Where what is in the header of such a line. */
struct syslog_usual {
    wall_us when;
    const char *prefix; /* "host tag", */
    unsigned number;    /* which has that number, */
    unsigned prefix_len, digits;
    const char *text;
};

/* Whether the line is such a one. Inlined, since every line passes here. clock->prefix is set. What
 * is looked at is within the line: 32 bytes behind the date, and then eight behind the "[". */
static inline __attribute__((always_inline)) bool
syslog_usual_find(struct syslog_clock *clock, struct span line, struct syslog_usual *ret)
{
    enum { WORD = 8, BLOCK = 32, END = sizeof("]: ") - 1 };
    size_t date = SYSLOG_DATE_RFC3164;

    if (line.len < SYSLOG_DATE_RFC3164 + BLOCK || (uint8_t)line.at[line.len - 1] <= ' ')
        return false;
    ret->when = clock->seconds;
    if (!syslog_date_again(clock, line.at)) {
        date = syslog_date_common(clock, line, &ret->when);
        /* A host of digits may be the date of a container's line. */
        if (!date || line.len < date + BLOCK || is_digit(line.at[date]))
            return false;
    }
    const char *at = line.at + date;
    uint32_t brackets = swar_which(at, '[');
    if (brackets << (BLOCK - WORD) || !brackets)
        return false;
    unsigned open = (unsigned)__builtin_ctz(brackets);
    if (line.len <= date + open + 1 + WORD + END)
        return false;
    ret->number = syslog_prefix_slot(swar_load(at), swar_load(at + open - WORD));
    const struct syslog_prefix *prefix = &clock->prefix[ret->number];
    if (prefix->len != open || ~swar_same(prefix->at, at) << (BLOCK - open))
        return false;
    unsigned digits = swar_digits(swar_load(at + open + 1));
    const char *text = at + open + 1 + digits + END;
    /* What is repeated or from Solaris begins so, and is wrapped once more. */
    if (digits - 1 >= WORD - 1 || memcmp(text - END, "]: ", END) != 0 || *text == 'm' ||
        *text == '[')
        return false;
    ret->prefix = at;
    ret->prefix_len = open;
    ret->digits = digits;
    ret->text = text;
    clock->last = ret->when;
    return true;
}

static inline struct span syslog_usual_text(struct span line, const struct syslog_usual *usual)
{
    return span_of(usual->text, (size_t)(line.at + line.len - usual->text));
}

static inline void syslog_usual_header(const struct syslog_clock *clock, struct span line,
                                       const struct syslog_usual *usual, struct syslog_header *ret)
{
    const char *at = usual->prefix;
    unsigned host_len = clock->prefix[usual->number].host_len;

    ret->when = usual->when;
    ret->host = span_of(at, host_len);
    ret->tag = span_of(at + host_len + 1, usual->prefix_len - host_len - 1);
    ret->text = syslog_usual_text(line, usual);
    ret->pid = swar_decimal(swar_load(at + usual->prefix_len + 1), usual->digits);
    ret->prefix = (int)usual->number;
    ret->prefix_new = false;
}

#endif
