/* SPDX-License-Identifier: MIT */
/*
 * Does:         what a line says by itself: its header, whose it is, and the record of a Postfix
 *               line.
 * Doesn't know: messages, hosts, what came before, but for what is nearly always as in the line
 *               before: date, host and tag, the form of addresses.
 * Owns:         nothing but the bytes of a line that is kept. What it gives is borrowed from the
 *               line.
 * Time:         the header's; dates without year and zone as header_clock says.
 * Fails:        what is not understood is called so; memory may be short to keep a line.
 */
#ifndef RELAYWATCH_LINE_H
#define RELAYWATCH_LINE_H

#include "parse/syslog_header.h"
#include "parse/record.h"

/* Of a longer line than this the rest does not count, whoever cut it. */
#define LINE_LEN_MAX ((size_t)64 * 1024)

/* What counts of a line: not the zeros that a writer without O_APPEND leaves before it after a
 * truncation, nor what is too long. */
static inline struct span line_without_zeros(struct span text)
{
    size_t zeros = 0;

    while (zeros < text.len && text.at[zeros] == '\0')
        zeros++;
    return span_skip(text, zeros);
}

static inline struct span line_that_counts(struct span text)
{
    text = line_without_zeros(text);
    return span_head(text, text.len < LINE_LEN_MAX ? text.len : LINE_LEN_MAX);
}

enum line_kind {
    LINE_EMPTY,
    LINE_NO_SYSLOG,
    LINE_OTHER, /* another program's */
    LINE_POSTFIX,
};

struct line {
    enum line_kind kind;
    enum address_form form; /* LINE_POSTFIX: the record was read as in this one */
    struct header header;   /* LINE_OTHER, LINE_POSTFIX */
    struct record record;   /* LINE_POSTFIX */
    struct span text;       /* the line itself, without zeros before it; empty for an entry */
    struct span instance;   /* LINE_POSTFIX: "postfix-out"; only where header.prefix is new or -1 */
};

/* What a tag means. */
struct line_tag {
    enum program program;
    bool relay_service;
};

struct line_parser {
    struct header_clock clock;
    struct header_prefix prefix[HEADER_PREFIXES];
    struct line_tag tag[HEADER_PREFIXES]; /* what the prefix of that number means */
    enum address_form told;               /* what the settings say of addresses */
    enum address_form form;               /* how they are read now */
};

/* zone may be NULL: UTC. */
void line_parser_init(struct line_parser *parser, when_zone *zone, void *zone_ctx,
                      enum address_form told);
/* Where dates without a year belong: see header_clock. Before the lines it is for. */
void line_parser_set_reference(struct line_parser *parser, wall_us reference);

/* Without its '\n'. */
void line_parse(struct line_parser *parser, struct span text, struct line *ret);
/* Of a journal entry there is a header only. */
void line_parse_entry(struct line_parser *parser, const struct header *header, struct line *ret);
/* A line set aside, with bytes of its own; zeroed: none. */
struct line_kept {
    char *bytes; /* NULL: none */
    wall_us when;
    uint32_t pid;
    struct span host, tag, text, whole; /* in bytes; whole is empty for an entry */
};

/* Copies a LINE_POSTFIX, in place of what was kept before; false when memory is short. */
bool line_keep(struct line_kept *kept, const struct line *line);
void line_kept_done(struct line_kept *kept);
/* The same line again, its addresses as in that form; its spans are kept's. */
void line_parse_kept(const struct line_kept *kept, enum address_form form, struct line *ret);
/* The record of a LINE_POSTFIX, read again in another form of address. */
void line_read_as(struct line *line, enum address_form form);

/* The form of address that a record shows this Postfix to write, or ADDRESS_FORM_UNKNOWN. Before
 * Postfix 3.5 addresses are unquoted; since then only by a setting, which shows itself. */
enum address_form line_form_shown(const struct record *rec, enum address_form told);

#endif
