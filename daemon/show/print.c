/* SPDX-License-Identifier: MIT */
/*
 * An incident is printed from its JSON, never from the detector, so that `scan`, which has a
 * detector, and `show`, which has only the daemon's answer, look alike. Everything that may come
 * from a stranger passes through print_safe.
 */
#include "show/print.h"
#include "engine/counters.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/text_of.h"

enum { COLUMNS = 100, LABEL = 17, TOP = 5, SAMPLES = 5 };

#define BOLD_RED "\033[1;31m"
#define BOLD     "\033[1m"
#define YELLOW   "\033[33m"
#define PLAIN    "\033[0m"

void print_safe(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        /* Control characters could drive the terminal, and bytes from 0x80 on may do so too. */
        putchar(c >= 0x20 && c != 0x7f && c < 0x80 ? c : '?');
    }
}

void print_wrapped(int indent, const char *text)
{
    int column = indent;

    while (*text) {
        int word = (int)strcspn(text, " ");
        /* A word that is wider than the line stays whole: it may be an address or a path. */
        if (column > indent && column + 1 + word > COLUMNS) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        print_safe(span_of(text, (size_t)word));
        column += word;
        text += word;
        text += *text == ' ';
    }
    putchar('\n');
}

/* "1 message", "2 messages". */
static void print_count(uint64_t n, const char *what, const char *end)
{
    printf("%llu %s%s%s", (unsigned long long)n, what, n == 1 ? "" : "s", end);
}

static bool is_state(const json_t *incident, const char *state)
{
    return strcmp(text_of(incident, "state"), state) == 0;
}

static void label(const char *name)
{
    printf("  %-*s", LABEL - 2, name);
}

/* --- an incident ------------------------------------------------------------------------------ */

/* {"top": [["gmail.com", 150], ...], "distinct": N} */
static void set_tally(json_t *object, const char *name, const struct tally *tally,
                      uint64_t distinct)
{
    json_t *list = json_array(), *all = json_object();

    for (uint32_t i = 0; i < tally->count && i < TOP; i++) {
        json_t *pair = json_array();
        json_array_append_new(pair, text_json(intern_span(tally->entry[i].text)));
        json_array_append_new(pair, json_integer(tally->entry[i].count));
        json_array_append_new(list, pair);
    }
    json_object_set_new(all, "top", list);
    /* May be more than the tally has entries: that is why it is passed in. */
    json_object_set_new(all, "distinct", json_integer((json_int_t)distinct));
    json_object_set_new(object, name, all);
}

/* Full tallies stay out of the public JSON, which is a contract; people get them through this
 * member. */
json_t *incident_whole_to_json(const struct incident_view *view)
{
    json_t *object = incident_json(view), *more = json_object(), *related = json_array();
    char key[VIEW_TEXT_MAX], crossed[VIEW_TEXT_MAX];

    json_object_set_new(more, "crossed",
                        json_string(crossing_text(&view->incident->crossing, crossed)));
    json_object_set_new(more, "key", text_json(span_str(incident_key(view, key))));
    /* In seconds, because the public times are text and durations are worked out from these. */
    json_object_set_new(more, "first_s", json_integer(view->totals.first_s));
    json_object_set_new(more, "last_s", json_integer(view->totals.last_s));
    set_tally(more, "clients", &view->client_names, view->clients);
    set_tally(more, "networks", &view->networks, view->networks.count);
    set_tally(more, "senders", &view->senders, view->senders.count);
    set_tally(more, "sender_domains", &view->sender_domains, view->domains);
    set_tally(more, "recipient_domains", &view->recipient_domains, view->recipient_domains.count);
    for (uint32_t i = 0; i < view->related_count; i++) {
        json_t *pair = json_array();
        json_array_append_new(pair, json_string(kind_name(view->related[i]->kind)));
        json_array_append_new(pair, json_string(view->related[i]->id));
        json_array_append_new(related, pair);
    }
    json_object_set_new(more, "related", related);
    json_object_set_new(object, INCIDENT_MORE, more);
    return object;
}

static unsigned long long count_of(const json_t *object, const char *name)
{
    return (unsigned long long)json_integer_value(json_object_get(object, name));
}

static void print_tally(const char *name, const json_t *tally)
{
    const json_t *top = json_object_get(tally, "top");
    size_t count = json_array_size(top), shown = 0, n = 0;
    unsigned long long distinct = count_of(tally, "distinct");
    char line[1024];

    if (!count)
        return;
    /* 160 bytes hold one entry: 100 of its text, a 64-bit count and what is between them. */
    for (; shown < count && shown < TOP && n + 160 < sizeof(line); shown++) {
        const json_t *pair = json_array_get(top, shown);
        const char *text = json_string_value(json_array_get(pair, 0));
        n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%.100s (%lld)", shown ? ", " : "",
                              text ? text : "",
                              (long long)json_integer_value(json_array_get(pair, 1)));
    }
    /* "gmail.com (150), example.org (3) and 12 more" */
    if (distinct > shown)
        snprintf(line + n, sizeof(line) - n, " and %llu more", distinct - shown);
    label(name);
    print_wrapped(LABEL, line);
}

static bool is_kind(const json_t *incident, enum kind kind)
{
    return span_equal(span_str(text_of(incident, "kind")), span_str(kind_name(kind)));
}

/* A notice has no recipients of interest, and a victim's mail is not in our queue: each kind has
 * its own line. */
static void print_figures(const json_t *incident, const json_t *more)
{
    dur_us first = (dur_us)count_of(more, "first_s") * US_PER_S;
    dur_us last = (dur_us)count_of(more, "last_s") * US_PER_S;
    char first_text[WHEN_TEXT_MAX], last_text[WHEN_TEXT_MAX], span[WHEN_TEXT_MAX];

    label("since");
    printf("%s, for %s, last seen %s%s\n", when_print(first, first_text),
           when_print_span(last - first, span), when_print(last, last_text),
           is_state(incident, "open")        ? ""
           : is_state(incident, "withdrawn") ? ", withdrawn: it was a false alarm"
           : is_state(incident, "closed")    ? ", closed"
                                             : ", over");
    if (count_of(incident, "reopened"))
        printf("%*sover, and reopened, %llu time%s\n", LABEL, "", count_of(incident, "reopened"),
               count_of(incident, "reopened") == 1 ? "" : "s");
    if (*text_of(incident, "close_reason")) {
        label("closed");
        print_wrapped(LABEL, text_of(incident, "close_reason"));
    }
    if (*text_of(more, "crossed")) {
        label("crossed");
        print_wrapped(LABEL, text_of(more, "crossed"));
    }
    label("so far");
    if (is_kind(incident, KIND_BACKSCATTER_SOURCE))
        print_count(count_of(incident, "notices"), "notice", ": ");
    else {
        print_count(count_of(incident, "messages"), "message", " to ");
        print_count(count_of(incident, "recipients"), "recipient", ": ");
    }
    printf("%llu sent, %llu deferred, %llu bounced\n", count_of(incident, "sent"),
           count_of(incident, "deferred"), count_of(incident, "bounced"));
    if (is_kind(incident, KIND_BACKSCATTER_VICTIM))
        return;
    label("still queued");
    printf("%llu", count_of(incident, "queued"));
    if (count_of(incident, "held"))
        printf(", %llu of them on hold", count_of(incident, "held"));
    if (count_of(incident, "undecided"))
        printf("; %llu recipients whom no delivery has named yet", count_of(incident, "undecided"));
    putchar('\n');
}

static void print_samples(const json_t *ids)
{
    size_t n = json_array_size(ids);

    if (!n)
        return;
    label("for example");
    for (size_t i = 0; i < n && i < SAMPLES; i++) {
        printf("%s", i ? " " : "");
        print_safe(span_str(json_string_value(json_array_get(ids, i))));
    }
    putchar('\n');
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

/* Most important first: what it is, why, what to do; then figures and details. */
void print_incident(const json_t *incident, bool color)
{
    const json_t *more = json_object_get(incident, INCIDENT_MORE);

    printf("%s", color ? BOLD_RED : "");
    print_safe(span_str(text_of(incident, "kind")));
    printf("%s  ", color ? PLAIN : "");
    print_safe(span_str(text_of(more, "key")));
    printf("  on ");
    print_safe(span_str(text_of(incident, "host")));
    printf("  [");
    print_safe(span_str(text_of(incident, "id")));
    puts("]");
    label("why");
    print_wrapped(LABEL, text_of(incident, "reason"));
    print_advice(json_object_get(incident, "advice"), color);
    print_commands(json_object_get(incident, "commands"));
    print_stanza(text_of(incident, "stanza"));
    print_figures(incident, more);
    if (*text_of(incident, "cause")) {
        label("cause");
        print_wrapped(LABEL, text_of(incident, "cause"));
    }
    /* An empty tally prints nothing, so each kind shows only the rows that it has. */
    print_tally("clients", json_object_get(more, "clients"));
    print_tally("networks", json_object_get(more, "networks"));
    print_tally("senders", json_object_get(more, "senders"));
    print_tally("sender domains", json_object_get(more, "sender_domains"));
    print_tally("sent to", json_object_get(more, "recipient_domains"));
    print_samples(json_object_get(incident, "queue_ids"));
    print_related(json_object_get(more, "related"));
    putchar('\n');
}

/* --- the rest --------------------------------------------------------------------------------- */

void print_warning(const struct site_warning *warning, bool color)
{
    printf("%swarning%s  ", color ? YELLOW : "", color ? PLAIN : "");
    /* "warning" and two blanks take nine columns. */
    print_wrapped(9, warning->text);
}

/* The length of a character at s that turns a terminal's text around or ends its line, and the
 * character; 0: s begins with another one. jansson escapes those of ASCII but DEL. */
static size_t unsafe_character(struct span s, unsigned *ret)
{
    const unsigned char *c = (const unsigned char *)s.at;

    if (s.len >= 1 && c[0] == 0x7f) {
        *ret = 0x7f;
        return 1;
    }
    if (s.len >= 2 && (c[0] & 0xe0) == 0xc0) {
        *ret = (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
        return *ret <= 0x9f || *ret == 0x61c ? 2 : 0; /* C1; Arabic letter mark */
    }
    if (s.len < 3 || c[0] != 0xe2)
        return 0;
    *ret = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
    return (*ret >= 0x200e && *ret <= 0x200f) || (*ret >= 0x2028 && *ret <= 0x202e) ||
                   (*ret >= 0x2066 && *ret <= 0x2069)
               ? 3
               : 0;
}

/* Valid UTF-8, and all that is not ASCII stands in strings: so an escape may take its place. */
static void print_json_text(struct span text)
{
    size_t from = 0, n;
    unsigned character;

    for (size_t at = 0; at < text.len; at += n ? n : 1) {
        n = (unsigned char)text.at[at] < 0x7f ? 0
                                              : unsafe_character(span_skip(text, at), &character);
        if (!n)
            continue;
        fwrite(text.at + from, 1, at - from, stdout);
        printf("\\u%04x", character);
        from = at + n;
    }
    fwrite(text.at + from, 1, text.len - from, stdout);
    putchar('\n');
}

void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text)
        print_json_text(span_str(text));
    free(text);
}

json_t *warning_to_json(const struct site_warning *warning)
{
    json_t *object = json_object();

    json_object_set_new(object, "type", json_string("warning"));
    json_object_set_new(object, "code", json_string(warning->code));
    json_object_set_new(object, "text", text_json(span_str(warning->text)));
    return object;
}

static void set_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)sentence;
    json_object_set_new(ctx, name, json_integer((json_int_t)value));
}

json_t *summary_to_json(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    json_t *object = json_object(), *counters = json_object();

    json_object_set_new(object, "type", json_string("summary"));
    json_object_set_new(object, "lines", json_integer((json_int_t)c->lines));
    json_object_set_new(object, "postfix_lines", json_integer((json_int_t)c->postfix));
    json_object_set_new(object, "unparsed", json_integer((json_int_t)c->unparsed));
    json_object_set_new(object, "messages", json_integer((json_int_t)pipeline_messages(pipeline)));
    json_object_set_new(object, "incidents", json_integer(detector_incidents(&pipeline->detector)));
    pipeline_each_counter(pipeline, set_counter, counters);
    json_object_set_new(object, "counters", counters);
    return object;
}

/* Says only what the reader can act on: unparsed lines, ambiguous ones, limits that were
 * reached. */
void print_summary(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    uint32_t incidents = detector_incidents(&pipeline->detector);

    print_count(c->lines, "line", ", ");
    printf("%llu of them from Postfix; ", (unsigned long long)c->postfix);
    print_count(pipeline_messages(pipeline), "message", "; ");
    print_count(incidents, "incident", "\n");
    if (c->unparsed)
        printf("%llu Postfix lines were not understood: --annotate shows them\n",
               (unsigned long long)c->unparsed);
    if (c->ambiguous)
        printf("%llu records can be read in two ways: somebody sends addresses that look like log "
               "lines\n",
               (unsigned long long)c->ambiguous);
    if (c->cut)
        printf("%llu records were cut before they say how a delivery ended\n",
               (unsigned long long)c->cut);
    if (pipeline->life.counters.unattributed)
        printf("%llu messages were accepted before the log begins: nobody is blamed for them\n",
               (unsigned long long)pipeline->life.counters.unattributed);
    if (pipeline->judge.verdicts[VERDICT_UNKNOWN_DOMAINS])
        printf("%llu recipients were left undecided: nothing shows whose domains these are "
               "(own_domains in [site], or --postconf)\n",
               (unsigned long long)pipeline->judge.verdicts[VERDICT_UNKNOWN_DOMAINS]);
    if (pipeline->tracker.counters.evicted || pipeline->detector.counters.cells_evicted)
        printf("limits were reached (%llu messages, %llu cells evicted): see [limits]\n",
               (unsigned long long)pipeline->tracker.counters.evicted,
               (unsigned long long)pipeline->detector.counters.cells_evicted);
}

static void print_view(const struct incident_view *view, bool color)
{
    json_t *whole = incident_whole_to_json(view);

    print_incident(whole, color);
    json_decref(whole);
}

uint32_t print_incidents(const struct detector *detector, bool json, bool color)
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
