/* SPDX-License-Identifier: MIT */
/*
 * Opens the daemon's own source again, with the same rotation logic, from the first message's time
 * on. Stops when lines have been later than the last message for a while: lines of several hosts
 * interleave, so a single late one proves nothing.
 */
#include "cmd/log_search.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/explain_show.h"
#include "cmd/input_pump.h"
#include "common/clock.h"
#include "common/command.h"
#include "common/complain.h"
#include "common/text_of.h"
#include "show/message_report.h"
#include "source/feed.h"
#include "parse/log_line.h"
#include "source/source_file.h"
#include "source/source_journal.h"
#include "source/source_kafka.h"

enum { BUDGET = 100000, SLACK_S = 60, LATER_LINES = 1000 };

struct wanted {
    struct queue_id id;
    struct span host, instance; /* the message's; empty if unknown */
    wall_us since, until;
};

struct search {
    struct log_line_parser parser;
    struct list wanted;   /* struct wanted */
    wall_us since, until; /* of all messages together */
    size_t later;         /* consecutive lines later than that */
    struct list *found;
    wall_us first; /* of these */
};

static wall_us time_of(const json_t *message, const char *name)
{
    const char *text = json_string_value(json_object_get(message, name));
    struct tm tm = {0};

    return text && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) ? timegm(&tm) * US_PER_S
                                                             : WHEN_UNKNOWN;
}

static void want(struct search *search, const json_t *message)
{
    const char *text = json_string_value(json_object_get(message, "queue_id"));
    struct wanted w = {.host = span_str(text_of(message, "host")),
                       .instance = span_str(text_of(message, "instance")),
                       .since = time_of(message, "queued_since"),
                       .until = time_of(message, "last_seen")};
    struct wanted *stored;

    /* 1000 is far more than one queue ID has messages; it bounds what a broken answer costs. */
    if (!text || !queue_id_parse(span_str(text), &w.id) || w.since == WHEN_UNKNOWN ||
        w.until == WHEN_UNKNOWN || !(stored = list_add(&search->wanted, sizeof(w), 1000)))
        return;
    w.until += US_PER_S; /* the time has whole seconds: include all of the last one */
    *stored = w;
    if (search->wanted.count == 1 || w.since < search->since)
        search->since = w.since;
    if (w.until > search->until)
        search->until = w.until;
}

/* Another host or instance may have used the same ID. A program other than Postfix (a filter, a
 * milter) names the ID but not the instance. */
static bool is_of(const struct wanted *w, const struct log_line *line)
{
    struct span instance = SPAN_NONE;

    if (w->host.len && !span_equal_nocase(line->header.host, w->host))
        return false;
    return line->kind != LOG_LINE_POSTFIX || !w->instance.len ||
           program_of_tag(line->header.tag, &instance) == PROGRAM_NONE ||
           span_equal(instance, w->instance);
}

static bool is_wanted(const struct search *search, const struct log_line *line,
                      struct queue_id *ret)
{
    const struct wanted *w = search->wanted.items;
    struct queue_id id;

    if (line->kind == LOG_LINE_POSTFIX && queue_id_is_set(line->record.id))
        id = line->record.id;
    else if (!message_report_queue_id(line->header.text, &id))
        return false;
    *ret = id;
    for (size_t i = 0; i < search->wanted.count; i++)
        /* The time tells apart messages that had the same short ID one after the other. */
        if (queue_id_equal(w[i].id, id) && line->header.when >= w[i].since &&
            line->header.when <= w[i].until && is_of(&w[i], line))
            return true;
    return false;
}

static void look_at(struct search *search, const struct log_line *line)
{
    char text[QUEUE_ID_TEXT_MAX];
    struct queue_id id;
    json_t **stored;

    if (line->kind < LOG_LINE_OTHER)
        return;
    if (line->header.when > search->until + SLACK_S * US_PER_S)
        search->later++;
    else
        search->later = 0; /* the later lines came from a host whose clock is ahead */
    if (!is_wanted(search, line, &id))
        return;
    if (search->first == WHEN_UNKNOWN || line->header.when < search->first)
        search->first = line->header.when;
    if ((stored = list_add(search->found, sizeof(*stored), LOG_SEARCH_MAX)) != NULL)
        *stored = explain_line(&line->header, line->text, line->header.host,
                               span_str(queue_id_print(id, text)));
}

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct search *search = ctx;
    struct span rest = span_of(lines->data, lines->len), text;
    char plain[LOG_LINE_MAX];
    struct log_line line;

    /* A rotated file is older, and its last change supplies the year of its dates. */
    if (lines->written > 0 && lines->written != search->parser.clock.reference)
        log_line_parser_set_reference(&search->parser, lines->written);
    while (span_take_line(&rest, &text)) {
        log_line_parse(&search->parser, log_line_unwrap(&search->parser, text, plain), &line);
        look_at(search, &line);
    }
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct search *search = ctx;
    struct syslog_header header;
    struct log_line line;

    if (!feed_header(entry, &header))
        return;
    log_line_parse_entry(&search->parser, &header, &line);
    look_at(search, &line);
}

static void take_note(void *ctx, enum source_note note, const char *text)
{
    (void)ctx;
    if (note == SOURCE_NOTE_UNREADABLE || note == SOURCE_NOTE_WAITING)
        complain("its lines: %s", text);
}

int log_search_open(const json_t *source, const struct source_options *options, struct source **ret)
{
    const struct source_journal_options journal = {
        .directory = text_of(source, "journal_directory"),
        .name_space = text_of(source, "journal_namespace"),
        .check_sender = json_is_true(json_object_get(source, "journal_check_sender"))};

    if (*text_of(source, "kafka_socket"))
        return source_open_kafka(text_of(source, "kafka_socket"), text_of(source, "kafka_brokers"),
                                 options, clock_mono(), ret);
    if (*text_of(source, "files"))
        return source_open_files(text_of(source, "files"), text_of(source, "rotated"), options,
                                 clock_mono(), ret);
    return source_open_journal(&journal, options, clock_mono(), ret);
}

/* Reads with the source of the daemon, but on its own position: the daemon is not disturbed. */
bool log_search(const json_t *source, const json_t *messages, struct list *ret, wall_us *ret_first)
{
    struct search *search = calloc(1, sizeof(*search));
    struct source_options options = {
        .sink = {.lines = take_lines, .entry = take_entry, .note = take_note, .ctx = search},
        .start = SOURCE_SINCE};
    struct source *log = NULL;
    int r = SOURCE_MORE;

    if (!search)
        return false;
    search->found = ret;
    search->first = WHEN_UNKNOWN;
    log_line_parser_init(&search->parser, clock_local_zone, NULL, ADDRESS_FORM_UNKNOWN, 0);
    for (size_t i = 0; i < json_array_size(messages); i++)
        want(search, json_array_get(messages, i));
    options.since = search->since;
    if (search->wanted.count)
        r = log_search_open(source, &options, &log);
    if (r < 0)
        complain("its lines: %s: %s", text_of(source, "text"), strerror(-r));
    while (r >= 0 && log && search->later < LATER_LINES &&
           (r = input_pump_run(log, BUDGET)) == SOURCE_MORE)
        ;
    source_close(log);
    if (ret_first)
        *ret_first = search->first;
    list_done(&search->wanted);
    free(search);
    return r >= 0;
}
