/* SPDX-License-Identifier: MIT */
/*
 * An incident is printed from its JSON, never from the detector, so that `scan`, which has a
 * detector, and `show`, which has only the daemon's answer, look alike. Everything that may come
 * from a stranger passes through print_safe.
 */
#include "show/incident_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "common/text_of.h"
#include "show/incident_whole.h"
#include "show/print.h"
#include "show/terminal.h"

enum { LABEL = 17, TOP = 5, SAMPLES = 5 };

#define BOLD_RED "\033[1;31m"
#define BOLD     "\033[1m"
#define PLAIN    "\033[0m"

static bool is_state(const json_t *incident, const char *state)
{
    return strcmp(text_of(incident, "state"), state) == 0;
}

static void label(const char *name)
{
    printf("  %-*s", LABEL - 2, name);
}

static void print_row(const char *name, struct buf *line)
{
    label(name);
    print_wrapped(LABEL, line->at ? line->at : "");
    buf_done(line);
}

/* "1 message", "2 messages". */
static void add_count(struct buf *to, uint64_t n, const char *what, const char *end)
{
    buf_printf(to, "%llu %s%s%s", (unsigned long long)n, what, n == 1 ? "" : "s", end);
}

/* "gmail.com (150 recipients), example.org (3) and 12 more" */
static void print_tally(const char *name, const json_t *tally, const char *unit)
{
    const json_t *top = json_object_get(tally, "top");
    size_t count = json_array_size(top);
    unsigned long long distinct = count_of(tally, "distinct");
    struct buf line = buf_new(2048);

    if (!count)
        return;
    for (size_t i = 0; i < count && i < TOP; i++) {
        const json_t *pair = json_array_get(top, i);
        const char *text = json_string_value(json_array_get(pair, 0));
        long long n = json_integer_value(json_array_get(pair, 1));
        buf_printf(&line, "%s%.100s", i ? ", " : "", text ? text : "");
        if (n == 0) /* of recipients that no delivery has named yet */
            continue;
        buf_printf(&line, " (%lld", n);
        if (i == 0)
            buf_printf(&line, " %s%s", unit, n == 1 ? "" : "s");
        buf_add_str(&line, ")");
    }
    if (distinct > count)
        buf_printf(&line, " and %llu more", distinct - count);
    print_row(name, &line);
}

/* "Cheap pills" (150 messages): a stranger's words, and they look like that. */
static void print_said(const char *name, const json_t *tally)
{
    const json_t *top = json_object_get(tally, "top");
    size_t count = json_array_size(top);

    for (size_t i = 0; i < count && i < TOP; i++) {
        const json_t *pair = json_array_get(top, i);
        const char *text = json_string_value(json_array_get(pair, 0));
        unsigned long long n = (unsigned long long)json_integer_value(json_array_get(pair, 1));
        char quoted[VIEW_TEXT_MAX];
        struct buf line = buf_new(VIEW_TEXT_MAX + 64);
        buf_printf(&line, "%s (", view_quoted(span_str(text), quoted));
        add_count(&line, n, "message", ")");
        print_row(i ? "" : name, &line);
    }
}

static bool is_kind(const json_t *incident, enum kind kind)
{
    return span_equal(span_str(text_of(incident, "kind")), span_str(kind_name(kind)));
}

static void print_since(const json_t *incident, const json_t *more)
{
    dur_us first = (dur_us)count_of(more, "first_s") * US_PER_S;
    dur_us last = (dur_us)count_of(more, "last_s") * US_PER_S;
    char first_text[TERMINAL_TIME_MAX], last_text[TERMINAL_TIME_MAX], span[WHEN_TEXT_MAX];
    unsigned long long reopened = count_of(incident, "reopened");
    struct buf line = buf_new(512);

    buf_printf(&line, "%s, for %s, last seen %s%s", terminal_time(first, first_text),
               when_print_span(last - first, span), terminal_time(last, last_text),
               is_state(incident, "open")        ? ""
               : is_state(incident, "withdrawn") ? ", withdrawn: it was a false alarm"
               : is_state(incident, "closed")    ? ", closed"
                                                 : ", over");
    if (reopened)
        buf_printf(&line, "; reopened %llu time%s", reopened, reopened == 1 ? "" : "s");
    print_row("since", &line);
}

static void print_text(const char *name, const char *text)
{
    if (!*text)
        return;
    label(name);
    print_wrapped(LABEL, text);
}

/* A notice has no recipients of interest, and a victim's mail is not in our queue: each kind has
 * its own line. */
static void print_figures(const json_t *incident)
{
    struct buf line = buf_new(512);
    unsigned long long held = count_of(incident, "held");
    unsigned long long undecided = count_of(incident, "undecided");

    if (is_kind(incident, KIND_BACKSCATTER_SOURCE)) {
        add_count(&line, count_of(incident, "notices"), "notice", ": ");
    } else {
        add_count(&line, count_of(incident, "messages"), "message", " to ");
        add_count(&line, count_of(incident, "recipients"), "recipient", ": ");
    }
    buf_printf(&line, "%llu sent, %llu deferred, %llu bounced", count_of(incident, "sent"),
               count_of(incident, "deferred"), count_of(incident, "bounced"));
    print_row("so far", &line);
    if (is_kind(incident, KIND_BACKSCATTER_VICTIM))
        return;
    line = buf_new(512);
    buf_printf(&line, "%llu", count_of(incident, "queued"));
    if (held)
        buf_printf(&line, ", %llu of them on hold", held);
    if (undecided)
        buf_printf(&line, "; %llu recipient%s whom no delivery has named yet", undecided,
                   undecided == 1 ? "" : "s");
    print_row("still queued", &line);
}

/* "7 hosts": the headline names one, or says that it is the fleet. */
static void print_hosts(const json_t *hosts, const char *unit)
{
    char name[32];

    snprintf(name, sizeof(name), "%llu hosts", count_of(hosts, "distinct"));
    print_tally(name, hosts, unit);
}

/* A sentence for each of what the verdict rests on. */
static void print_evidence(const json_t *evidence)
{
    for (size_t i = 0; i < json_array_size(evidence); i++)
        print_text(i ? "" : "evidence",
                   text_or_empty(json_string_value(json_array_get(evidence, i))));
}

static void print_names(const char *name, const json_t *names)
{
    size_t n = json_array_size(names);
    struct buf line = buf_new(1024);

    if (!n)
        return;
    for (size_t i = 0; i < n && i < SAMPLES; i++) {
        const char *text = json_string_value(json_array_get(names, i));
        buf_printf(&line, "%s%.64s", i ? " " : "", text ? text : "");
    }
    print_row(name, &line);
}

/* A row each: a reply is long. */
static void print_refusals(const json_t *tally, const char *unit)
{
    const json_t *top = json_object_get(tally, "top");
    size_t count = json_array_size(top);

    for (size_t i = 0; i < count && i < TOP; i++) {
        const json_t *pair = json_array_get(top, i);
        struct buf line = buf_new(1024);
        add_count(&line, (uint64_t)json_integer_value(json_array_get(pair, 1)), unit, ", ");
        buf_add_str(&line, json_string_value(json_array_get(pair, 0)));
        print_row(i ? "" : "refused by", &line);
    }
}

static void print_advice(const json_t *advice, bool color)
{
    for (size_t i = 0; i < json_array_size(advice); i++) {
        const char *step = json_string_value(json_array_get(advice, i));
        label(i ? "" : "what to do");
        printf("%s%zu. ", color && i == 0 ? BOLD : "", i + 1);
        /* "1. " takes three columns. */
        print_wrapped(LABEL + 3, step ? step : "");
        if (color && i == 0)
            fputs(PLAIN, stdout);
    }
}

/* Commands keep to a line each, however long, and its comment may be pasted with it. */
static void print_commands(const json_t *commands)
{
    if (json_array_size(commands))
        puts("  in this order, as root:");
    for (size_t i = 0; i < json_array_size(commands); i++) {
        const json_t *command = json_array_get(commands, i);
        fputs("    # ", stdout);
        print_safe(span_str(text_of(command, "what")));
        fputs("\n    ", stdout);
        print_safe(span_str(text_of(command, "command")));
        putchar('\n');
    }
}

static void print_stanza(const char *stanza)
{
    struct span rest = span_str(stanza), line;

    if (!rest.len)
        return;
    puts("  if this is wanted, add to relaywatch.conf:");
    while (span_take_line(&rest, &line)) {
        fputs("    ", stdout);
        print_safe(line);
        putchar('\n');
    }
    puts("  and then:\n    systemctl reload relaywatch");
}

static void print_related(const json_t *related)
{
    for (size_t i = 0; i < json_array_size(related); i++) {
        const json_t *pair = json_array_get(related, i);
        label(i ? "" : "see also");
        print_safe(span_str(json_string_value(json_array_get(pair, 0))));
        fputs(" [", stdout);
        print_safe(span_str(json_string_value(json_array_get(pair, 1))));
        puts("]");
    }
}

/* A part of the first line, which is broken between its parts. */
static void print_part(int *column, const char *before, const char *text, const char *after)
{
    int width = (int)(strlen(before) + strlen(text) + strlen(after));

    if (!*text)
        return;
    if (*column && *column + 2 + width > terminal_columns(PRINT_COLUMNS)) {
        fputs("\n  ", stdout);
        *column = 2;
    } else if (*column) {
        fputs("  ", stdout);
        *column += 2;
    }
    fputs(before, stdout);
    print_safe(span_str(text));
    fputs(after, stdout);
    *column += width;
}

static void print_head(const json_t *incident, bool color)
{
    int column = 0;

    printf("%s", color ? BOLD_RED : "");
    print_part(&column, "", text_of(incident, "kind"), "");
    printf("%s", color ? PLAIN : "");
    print_part(&column, "", text_of(json_object_get(incident, INCIDENT_MORE), "key"), "");
    print_part(&column, "on ", text_of(incident, "host"), "");
    print_part(&column, "[", text_of(incident, "id"), "]");
    print_part(&column, "", text_of(incident, "severity"), "");
    putchar('\n');
}

/* What the lists count: see cell_tallies.h. */
static const char *unit_of(const json_t *incident)
{
    return is_kind(incident, KIND_BACKSCATTER_SOURCE)   ? "notice"
           : is_kind(incident, KIND_BACKSCATTER_VICTIM) ? "message"
                                                        : "recipient";
}

/* Most important first: what it is, why, what to do; then figures and details. */
void print_incident(const json_t *incident, bool color)
{
    const json_t *more = json_object_get(incident, INCIDENT_MORE);
    const char *unit = unit_of(incident);

    print_head(incident, color);
    print_text("severity", text_of(incident, "severity_reason"));
    print_text("why", text_of(incident, "reason"));
    print_advice(json_object_get(incident, "advice"), color);
    print_commands(json_object_get(incident, "commands"));
    print_stanza(text_of(incident, "stanza"));
    print_since(incident, more);
    print_text("closed", text_of(incident, "close_reason"));
    print_text("crossed", text_of(more, "crossed"));
    print_evidence(json_object_get(incident, "evidence"));
    print_figures(incident);
    print_text("cause", text_of(incident, "cause"));
    /* An empty tally prints nothing, so each kind shows only the rows that it has. */
    print_hosts(json_object_get(more, "hosts"), unit);
    print_tally("clients", json_object_get(more, "clients"), unit);
    print_tally("networks", json_object_get(more, "networks"), unit);
    print_tally("senders", json_object_get(more, "senders"), unit);
    print_tally("sender domains", json_object_get(more, "sender_domains"), unit);
    print_tally("sent to", json_object_get(more, "recipient_domains"), unit);
    print_refusals(json_object_get(more, "refused_by"), unit);
    print_names("refused for", json_object_get(incident, "refused_domains"));
    print_said("scripts", json_object_get(more, "scripts"));
    print_said("subjects", json_object_get(more, "subjects"));
    print_names("for example", json_object_get(incident, "queue_ids"));
    print_related(json_object_get(more, "related"));
    putchar('\n');
}

static void print_view(const struct incident_view *view, bool color)
{
    json_t *whole = incident_whole_to_json(view);

    print_incident(whole, color);
    json_decref(whole);
}

uint32_t print_incidents(struct detector *detector, bool json, bool color)
{
    /* One more, because calloc of nothing may return NULL. */
    const struct incident **list = calloc(detector_incidents(detector) + 1u, sizeof(*list));
    uint32_t n = list ? incidents_in_order(detector, list) : 0;
    struct incident_view *view = malloc(sizeof(*view));

    for (uint32_t i = 0; view && i < n; i++) {
        incident_view_init(view, detector, list[i]);
        if (json)
            print_json(incident_json(view));
        else
            print_view(view, color);
        incident_view_done(view);
    }
    free(view);
    free(list);
    return n;
}
