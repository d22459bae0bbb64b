/* SPDX-License-Identifier: MIT */
/*
 * In the log, hosts' lines come in any order: a later hop's may come minutes before those of the
 * hop that handed it on. So lines are parted by message, where these are on several hosts.
 */
#include "cmd/explain_show.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "common/complain.h"
#include "common/text_of.h"
#include "report/incident.h"
#include "report/text_json.h"
#include "show/message_report.h"
#include "show/print.h"

/* What is said of hosts with the same queue ID is bounded. */
enum { HOSTS_SAID = 8 };

json_t *explain_line(const struct syslog_header *header, struct span text, struct span host,
                     struct span queue_id)
{
    return json_pack("{s:s, s:o, s:o, s:o}", "type", "line", "host", text_json(host), "queue_id",
                     text_json(queue_id), "text", message_report_line_to_json(header, text));
}

void explain_lines_done(struct list *lines)
{
    json_t **line = lines->items;

    for (size_t i = 0; i < lines->count; i++)
        json_decref(line[i]);
    list_done(lines);
}

/* --- which of several ------------------------------------------------------------------------- */

static bool is_same(const json_t *a, const json_t *b, const char *name)
{
    return span_equal_nocase(span_str(text_of(a, name)), span_str(text_of(b, name)));
}

/* Whether an earlier one of that queue ID is on the same host. */
static bool is_said(const json_t *messages, size_t at)
{
    const json_t *m = json_array_get(messages, at);

    for (size_t i = 0; i < at; i++)
        if (is_same(json_array_get(messages, i), m, "queue_id") &&
            is_same(json_array_get(messages, i), m, "host"))
            return true;
    return false;
}

static void say_hosts(const struct command_options *options, const json_t *messages)
{
    struct buf on = buf_new(4096), choice = buf_new(4096);
    const char *id = options->arg[0];
    int n = 0;

    for (size_t i = 0; i < json_array_size(messages) && n < HOSTS_SAID; i++) {
        const json_t *m = json_array_get(messages, i);
        const char *host = text_of(m, "host");
        if (!span_equal(span_str(text_of(m, "queue_id")), span_str(id)) || is_said(messages, i))
            continue;
        buf_printf(&on, "%s%s", n ? " and on " : "", host);
        buf_printf(&choice, "%s%s/%s", n ? " or " : "", host, id);
        n++;
    }
    make_printable(on.at);
    make_printable(choice.at);
    if (n > 1 && !on.failed && !choice.failed)
        complain("%s is on %s: %s is one", id, on.at, choice.at);
    buf_done(&on);
    buf_done(&choice);
}

void explain_show_messages(const struct command_options *options, const json_t *messages)
{
    for (size_t i = 0; i < json_array_size(messages); i++)
        if (options->json)
            print_json(json_incref(json_array_get(messages, i)));
        else
            message_report_print(json_array_get(messages, i), options->color);
    say_hosts(options, messages);
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool are_on_several_hosts(const json_t *messages)
{
    for (size_t i = 1; i < json_array_size(messages); i++)
        if (!is_same(json_array_get(messages, 0), json_array_get(messages, i), "host"))
            return true;
    return false;
}

/* A line may hold a stranger's bytes. JSON escapes them; text goes through print_safe. */
static void show_line(const struct command_options *options, json_t *line)
{
    const json_t *text = json_object_get(line, "text");

    if (options->json) {
        print_json(json_incref(line));
        return;
    }
    printf("  ");
    print_safe(span_of(json_string_value(text), json_string_length(text)));
    putchar('\n');
}

/* Those of m; NULL: all. */
static void show_lines_of(const struct command_options *options, const json_t *m,
                          const struct list *lines)
{
    json_t *const *line = lines->items;

    if (!options->json && m) {
        printf("The lines of %s on ", text_of(m, "queue_id"));
        print_safe(span_str(text_of(m, "host")));
        puts(":");
    } else if (!options->json) {
        puts("The lines:");
    }
    for (size_t i = 0; i < lines->count; i++)
        if (!m || (is_same(m, line[i], "queue_id") && is_same(m, line[i], "host")))
            show_line(options, line[i]);
}

void explain_show_lines(const struct command_options *options, const json_t *messages,
                        const struct list *lines, size_t max)
{
    if (are_on_several_hosts(messages)) {
        for (size_t i = 0; i < json_array_size(messages); i++)
            if (!is_said(messages, i))
                show_lines_of(options, json_array_get(messages, i), lines);
    } else {
        show_lines_of(options, NULL, lines);
    }
    /* At the maximum more lines may have followed, which nobody counted. */
    if (!options->json && lines->count == max)
        printf("  (only the first %zu)\n", max);
}
