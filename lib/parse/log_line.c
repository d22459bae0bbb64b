/* SPDX-License-Identifier: MIT */
#include "parse/log_line.h"

#include <stdlib.h>

#include "parse/record_parse.h"
#include "parse/text_cut.h"

void log_line_parser_init(struct log_line_parser *parser, when_zone *zone, void *zone_ctx,
                          enum address_form configured, uint64_t seed)
{
    memset(parser, 0, sizeof(*parser));
    parser->clock.zone = zone;
    parser->clock.zone_ctx = zone_ctx;
    parser->clock.last = WHEN_UNKNOWN;
    parser->clock.prefix = parser->prefix;
    parser->configured = parser->form = configured;
    parser->seed = seed;
}

void log_line_parser_set_reference(struct log_line_parser *parser, wall_us reference)
{
    syslog_clock_set_reference(&parser->clock, reference);
}

struct span log_line_unwrap(struct log_line_parser *parser, struct span text, char *buf)
{
    struct span plain = syslog_unwrap(log_line_that_counts(text), buf, LOG_LINE_MAX);

    return syslog_cut_join(&parser->parts, &parser->clock.open, plain, buf, LOG_LINE_MAX);
}

enum address_form log_line_form_shown(const struct record *rec, enum address_form configured)
{
    uint64_t major = 0, minor = 0;
    struct span version = rec->version;

    if (rec->type != RECORD_VERSION || configured != ADDRESS_FORM_UNKNOWN ||
        !span_take_number(&version, &major) || !span_take(&version, SPAN(".")) ||
        !span_take_number(&version, &minor))
        return ADDRESS_FORM_UNKNOWN;
    return major > 3 || (major == 3 && minor >= 5) ? ADDRESS_FORM_EXTERNAL : ADDRESS_FORM_INTERNAL;
}

/* What the tag says; from the table if the header has its number. */
static struct log_line_tag look_up(struct log_line_parser *parser,
                                   const struct syslog_header *header, struct span *ret_instance)
{
    struct log_line_tag *known = header->prefix >= 0 ? &parser->tag[header->prefix] : NULL;

    if (known && !header->prefix_new)
        return *known;
    struct log_line_tag tag = {(uint8_t)program_of_tag(header->tag, ret_instance),
                               tag_is_relay_service(header->tag),
                               tag_has_lost_program(header->tag)};
    if (known)
        *known = tag;
    return tag;
}

void log_line_read_as(struct log_line *line, enum address_form form, uint64_t seed)
{
    bool relay_service = line->record.by_relay_service;

    line->form = form;
    record_parse(line->record.program, line->header.text, form, &line->record);
    line->record.by_relay_service = relay_service;
    line->record.pid = line->header.pid;
    line->hash = record_hash(&line->record, seed);
}

/* "4FBFE15E604A: ..." */
static __attribute__((noinline)) enum log_line_kind kind_without_program(struct span text)
{
    struct queue_id id;
    size_t n = queue_id_parse(text, &id);

    return n && span_starts(span_skip(text, n), SPAN(": ")) ? LOG_LINE_NO_PROGRAM : LOG_LINE_OTHER;
}

static inline void be_of(struct log_line_tag tag, struct log_line *ret)
{
    ret->kind = tag.program != PROGRAM_NONE ? LOG_LINE_POSTFIX
                : tag.has_lost_program      ? kind_without_program(ret->header.text)
                                            : LOG_LINE_OTHER;
    ret->record.program = tag.program;
    ret->record.by_relay_service = tag.relay_service;
}

/* Whose line it is. */
static void read_tag(struct log_line_parser *parser, struct log_line *ret)
{
    be_of(look_up(parser, &ret->header, &ret->instance), ret);
}

/* The line's record is a filter's, or a master's. Also watches for what tells the form of addresses
 * from here on. */
static __attribute__((noinline)) void see_record(struct log_line_parser *parser,
                                                 struct log_line *ret)
{
    if (program_is_filter(ret->record.program) && ret->record.type != RECORD_FILTERED)
        ret->kind = LOG_LINE_OTHER;
    if (ret->record.type == RECORD_VERSION) {
        enum address_form shown = log_line_form_shown(&ret->record, parser->configured);
        if (shown != ADDRESS_FORM_UNKNOWN)
            parser->form = shown;
    }
}

static inline __attribute__((always_inline)) void read_record(struct log_line_parser *parser,
                                                              struct log_line *ret)
{
    if (ret->kind != LOG_LINE_POSTFIX)
        return;
    log_line_read_as(ret, parser->form, parser->seed);
    if (ret->record.program >= PROGRAM_MASTER)
        see_record(parser, ret);
}

void log_line_read(struct log_line_parser *parser, struct log_line *ret)
{
    read_record(parser, ret);
}

static __attribute__((noinline)) enum log_line_kind kind_without_header(struct span text)
{
    return span_trim_end(text).len ? LOG_LINE_NO_SYSLOG : LOG_LINE_EMPTY;
}

static __attribute__((noinline)) void parse_unusual_header(struct log_line_parser *parser,
                                                           struct span text, struct log_line *ret)
{
    text = log_line_that_counts(text);
    ret->text = text;
    if (!syslog_header_parse(&parser->clock, text, &ret->header))
        ret->kind = kind_without_header(text);
    else
        read_tag(parser, ret);
}

static inline void parse_usual_header(struct log_line_parser *parser, struct span text,
                                      const struct syslog_usual *usual, struct log_line *ret)
{
    syslog_usual_header(&parser->clock, text, usual, &ret->header);
    ret->text = text; /* it begins with a date, so no zeros are before that */
    be_of(parser->tag[usual->number], ret);
}

void log_line_parse_header(struct log_line_parser *parser, struct span text, struct log_line *ret)
{
    struct syslog_usual usual;

    if (text.len <= LOG_LINE_MAX && syslog_usual_find(&parser->clock, text, &usual))
        parse_usual_header(parser, text, &usual, ret);
    else
        parse_unusual_header(parser, text, ret);
}

/* A function of its own: inlined, it would work out over and over where *ret is. */
__attribute__((noinline)) void log_line_parse_usual(struct log_line_parser *parser,
                                                    struct span text,
                                                    const struct syslog_usual *usual,
                                                    struct log_line *ret)
{
    parse_usual_header(parser, text, usual, ret);
    read_record(parser, ret);
}

void log_line_parse(struct log_line_parser *parser, struct span text, struct log_line *ret)
{
    log_line_parse_header(parser, text, ret);
    log_line_read(parser, ret);
}

void log_line_parse_entry_header(struct log_line_parser *parser, const struct syslog_header *header,
                                 struct log_line *ret)
{
    ret->text = SPAN_NONE;
    ret->header = *header;
    ret->header.text = text_trim_end(header->text); /* as a line's is */
    ret->kind = LOG_LINE_NO_SYSLOG;
    if (header->tag.len && header->host.len)
        read_tag(parser, ret);
}

void log_line_parse_entry(struct log_line_parser *parser, const struct syslog_header *header,
                          struct log_line *ret)
{
    log_line_parse_entry_header(parser, header, ret);
    log_line_read(parser, ret);
}

/* Copies s to *at, and moves *at past it. */
static struct span copy_span(char **at, struct span s)
{
    char *copy = *at;

    if (s.len)
        memcpy(copy, s.at, s.len);
    *at += s.len;
    return span_of(copy, s.len);
}

bool log_line_keep(struct log_line_kept *kept, const struct log_line *line)
{
    const struct syslog_header *h = &line->header;
    /* malloc(0) may be NULL, hence one byte more. */
    char *at = malloc(h->host.len + h->tag.len + h->text.len + line->text.len + 1);

    log_line_kept_done(kept);
    if (!at)
        return false;
    kept->bytes = at;
    kept->when = h->when;
    kept->pid = h->pid;
    kept->host = copy_span(&at, h->host);
    kept->tag = copy_span(&at, h->tag);
    kept->text = copy_span(&at, h->text);
    kept->whole = copy_span(&at, line->text);
    return true;
}

void log_line_kept_done(struct log_line_kept *kept)
{
    free(kept->bytes);
    *kept = (struct log_line_kept){0};
}

void log_line_parse_kept(const struct log_line_kept *kept, enum address_form form, uint64_t seed,
                         struct log_line *ret)
{
    struct log_line_parser parser = {.configured = form, .form = form, .seed = seed};
    const struct syslog_header header = {.when = kept->when,
                                         .host = kept->host,
                                         .tag = kept->tag,
                                         .text = kept->text,
                                         .pid = kept->pid,
                                         .prefix = -1};

    /* No number (-1), and no cache: this is rare. */
    log_line_parse_entry(&parser, &header, ret);
    ret->text = kept->whole;
}
