/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads what a line says by itself: its header, which program wrote it, and the
 *               record of a Postfix line.
 * Doesn't know: messages and hosts; of earlier lines it remembers only what hardly ever changes:
 *               date, host and tag, the form of addresses.
 * Owns:         only the bytes of a kept line. All that it returns is borrowed from the line.
 * Time:         the header's; syslog_clock says how dates without year or zone are read.
 * Fails:        the kind of a line that is not understood says so; log_line_keep returns false when
 *               memory is short.
 */
#ifndef RELAYWATCH_PARSE_LOG_LINE_H
#define RELAYWATCH_PARSE_LOG_LINE_H

#include "base/address_form.h"
#include "parse/record_hash.h"
#include "parse/syslog_cut.h"
#include "parse/syslog_unwrap.h"
#include "parse/syslog_usual.h"

/* What follows in a longer line is ignored. */
#define LOG_LINE_MAX ((size_t)64 * 1024)

/* After a truncation, a writer without O_APPEND leaves zeros before its next line. */
static inline struct span log_line_without_zeros(struct span text)
{
    size_t zeros = 0;

    if (text.len && text.at[0])
        return text;
    while (zeros < text.len && text.at[zeros] == '\0')
        zeros++;
    return span_skip(text, zeros);
}

/* The line without such zeros, and no longer than LOG_LINE_MAX. */
static inline struct span log_line_that_counts(struct span text)
{
    text = log_line_without_zeros(text);
    if (text.len > LOG_LINE_MAX)
        text.len = LOG_LINE_MAX;
    return text;
}

enum log_line_kind {
    LOG_LINE_EMPTY,
    LOG_LINE_NO_SYSLOG,
    LOG_LINE_OTHER,      /* not Postfix */
    LOG_LINE_NO_PROGRAM, /* Postfix, about a message; which program wrote it has been cut off */
    LOG_LINE_POSTFIX,
};

struct log_line {
    enum log_line_kind kind;
    enum address_form form;      /* LOG_LINE_POSTFIX: the form the record was read in */
    struct syslog_header header; /* LOG_LINE_OTHER and later */
    struct record record;        /* LOG_LINE_POSTFIX */
    struct record_hash hash;     /* of that record */
    struct span text;            /* the line itself, without leading zeros; empty for an entry */
    /* LOG_LINE_POSTFIX: "postfix-out"; only set if header.prefix is new or -1. */
    struct span instance;
};

/* What a tag says. */
struct log_line_tag {
    uint8_t program; /* an enum program */
    bool relay_service, has_lost_program;
};

struct log_line_parser {
    struct syslog_clock clock;
    struct syslog_prefix prefix[SYSLOG_PREFIXES];
    struct log_line_tag tag[SYSLOG_PREFIXES]; /* by number of the prefix */
    enum address_form configured;             /* by Postfix's settings */
    enum address_form form;                   /* in use now: what the log showed comes first */
    uint64_t seed;                            /* of the hashes */
    struct syslog_parts parts;
};

/* zone may be NULL: UTC. */
void log_line_parser_init(struct log_line_parser *parser, when_zone *zone, void *zone_ctx,
                          enum address_form configured, uint64_t seed);
/* See syslog_clock. Call it before the lines that it applies to. */
void log_line_parser_set_reference(struct log_line_parser *parser, wall_us reference);

/* Whether log_line_unwrap would do anything but cut a line that is too long. */
static inline bool log_line_is_wrapped(const struct log_line_parser *parser, struct span text)
{
    return syslog_is_wrapped(text) || syslog_cut_is_part(parser->clock.open, text);
}
/* The syslog line in a line of another form, joined with the parts before it. Call it for every
 * line, in order. buf has LOG_LINE_MAX bytes. */
struct span log_line_unwrap(struct log_line_parser *parser, struct span text, char *buf);

/* text is one line, without its '\n'. */
void log_line_parse(struct log_line_parser *parser, struct span text, struct log_line *ret);
/* The same of a line that syslog_usual_find has found usual, and not longer than LOG_LINE_MAX. */
void log_line_parse_usual(struct log_line_parser *parser, struct span text,
                          const struct syslog_usual *usual, struct log_line *ret);
/* The same in two steps, for callers that may skip the second: first the header and the program
 * (in the record), then the rest of the record. */
void log_line_parse_header(struct log_line_parser *parser, struct span text, struct log_line *ret);
void log_line_read(struct log_line_parser *parser, struct log_line *ret);
/* A journal entry has no line, only a header. */
void log_line_parse_entry(struct log_line_parser *parser, const struct syslog_header *header,
                          struct log_line *ret);
void log_line_parse_entry_header(struct log_line_parser *parser, const struct syslog_header *header,
                                 struct log_line *ret);
/* A line set aside, with its own copy of the bytes; zeroed: none. */
struct log_line_kept {
    char *bytes; /* NULL: none */
    wall_us when;
    uint32_t pid;
    struct span host, tag, text, whole; /* point into bytes; whole is empty for an entry */
};

/* Replaces the kept line by a copy of this LOG_LINE_POSTFIX; false when memory is short. */
bool log_line_keep(struct log_line_kept *kept, const struct log_line *line);
void log_line_kept_done(struct log_line_kept *kept);
/* Parses the kept line again, with addresses in that form. The spans of *ret point into *kept. */
void log_line_parse_kept(const struct log_line_kept *kept, enum address_form form, uint64_t seed,
                         struct log_line *ret);
/* Reads the record of a LOG_LINE_POSTFIX again, with addresses in that form. */
void log_line_read_as(struct log_line *line, enum address_form form, uint64_t seed);

/* The form of address that this record shows Postfix to use, or ADDRESS_FORM_UNKNOWN. A version
 * tells: unquoted before 3.5. Since then only a setting makes it so, and what the settings say
 * (configured) overrides the version. */
enum address_form log_line_form_shown(const struct record *rec, enum address_form configured);

#endif
