/* SPDX-License-Identifier: MIT */
/*
 * Does:         what a line says by itself: its header, whose it is, and the record of a Postfix
 *               line.
 * Doesn't know: messages, hosts, what came before, but for what is nearly always as in the line
 *               before: date, host and tag, the form of addresses.
 * Owns:         nothing but the bytes of a line that is kept. What it gives is borrowed from the
 *               line.
 * Time:         the header's; dates without year and zone as syslog_clock says.
 * Fails:        what is not understood is called so; memory may be short to keep a line.
 */
#ifndef RELAYWATCH_PARSE_LOG_LINE_H
#define RELAYWATCH_PARSE_LOG_LINE_H

#include "base/address_form.h"
#include "parse/record.h"
#include "parse/syslog_header.h"

/* Of a longer line than this the rest does not count, whoever cut it. */
#define LOG_LINE_MAX ((size_t)64 * 1024)

/* What counts of a line: not the zeros that a writer without O_APPEND leaves before it after a
 * truncation, nor what is too long. */
static inline struct span log_line_without_zeros(struct span text)
{
    size_t zeros = 0;

    while (zeros < text.len && text.at[zeros] == '\0')
        zeros++;
    return span_skip(text, zeros);
}

static inline struct span log_line_that_counts(struct span text)
{
    text = log_line_without_zeros(text);
    return span_head(text, text.len < LOG_LINE_MAX ? text.len : LOG_LINE_MAX);
}

enum log_line_kind {
    LOG_LINE_EMPTY,
    LOG_LINE_NO_SYSLOG,
    LOG_LINE_OTHER, /* another program's */
    LOG_LINE_POSTFIX,
};

struct log_line {
    enum log_line_kind kind;
    enum address_form form;      /* LOG_LINE_POSTFIX: the record was read as in this one */
    struct syslog_header header; /* LOG_LINE_OTHER, LOG_LINE_POSTFIX */
    struct record record;        /* LOG_LINE_POSTFIX */
    struct span text;            /* the line itself, without zeros before it; empty for an entry */
    struct span
        instance; /* LOG_LINE_POSTFIX: "postfix-out"; only where header.prefix is new or -1 */
};

/* What a tag means. */
struct log_line_tag {
    enum program program;
    bool relay_service;
};

struct log_line_parser {
    struct syslog_clock clock;
    struct syslog_prefix prefix[SYSLOG_PREFIXES];
    struct log_line_tag tag[SYSLOG_PREFIXES]; /* what the prefix of that number means */
    enum address_form told;                   /* what the settings say of addresses */
    enum address_form form;                   /* how they are read now */
};

/* zone may be NULL: UTC. */
void log_line_parser_init(struct log_line_parser *parser, when_zone *zone, void *zone_ctx,
                          enum address_form told);
/* Where dates without a year belong: see syslog_clock. Before the lines it is for. */
void log_line_parser_set_reference(struct log_line_parser *parser, wall_us reference);

/* Without its '\n'. */
void log_line_parse(struct log_line_parser *parser, struct span text, struct log_line *ret);
/* Of a journal entry there is a header only. */
void log_line_parse_entry(struct log_line_parser *parser, const struct syslog_header *header,
                          struct log_line *ret);
/* A line set aside, with bytes of its own; zeroed: none. */
struct log_line_kept {
    char *bytes; /* NULL: none */
    wall_us when;
    uint32_t pid;
    struct span host, tag, text, whole; /* in bytes; whole is empty for an entry */
};

/* Copies a LOG_LINE_POSTFIX, in place of what was kept before; false when memory is short. */
bool log_line_keep(struct log_line_kept *kept, const struct log_line *line);
void log_line_kept_done(struct log_line_kept *kept);
/* The same line again, its addresses as in that form; its spans are kept's. */
void log_line_parse_kept(const struct log_line_kept *kept, enum address_form form,
                         struct log_line *ret);
/* The record of a LOG_LINE_POSTFIX, read again in another form of address. */
void log_line_read_as(struct log_line *line, enum address_form form);

/* The form of address that a record shows this Postfix to write, or ADDRESS_FORM_UNKNOWN. Before
 * Postfix 3.5 addresses are unquoted; since then only by a setting, which shows itself. */
enum address_form log_line_form_shown(const struct record *rec, enum address_form told);

#endif
