/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMNS = 100, LABEL = 17 };

#define BOLD_RED "\033[1;31m"
#define BOLD     "\033[1m"
#define YELLOW   "\033[33m"
#define PLAIN    "\033[0m"

void print_safe(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        putchar(c >= 0x20 && c != 0x7f && c < 0x80 ? c : '?');
    }
}

void print_wrapped(int indent, const char *text)
{
    int column = indent;

    while (*text) {
        int word = (int)strcspn(text, " ");
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

static void label(const char *name)
{
    printf("  %-*s", LABEL - 2, name);
}

static void print_tally(const char *name, const struct tally *tally, uint64_t distinct)
{
    char line[1024];
    size_t n = 0;
    uint32_t shown = 0;

    if (!tally->count)
        return;
    for (; shown < tally->count && shown < 5 && n + 160 < sizeof(line); shown++)
        n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%.100s (%u)", shown ? ", " : "",
                              tally->entry[shown].text->at, tally->entry[shown].count);
    if (distinct > shown)
        snprintf(line + n, sizeof(line) - n, " and %llu more",
                 (unsigned long long)(distinct - shown));
    label(name);
    print_wrapped(LABEL, line);
}

static void print_figures(const struct incident_view *view)
{
    const struct totals *t = &view->totals;
    char line[256], first[WHEN_TEXT_MAX], last[WHEN_TEXT_MAX], span[WHEN_TEXT_MAX];

    label("since");
    printf("%s, for %s, last seen %s%s\n", when_print(t->first_s * US_PER_S, first),
           when_print_span((t->last_s - t->first_s) * US_PER_S, span),
           when_print(t->last_s * US_PER_S, last),
           view->incident->state == INCIDENT_OPEN ? "" : ", over");
    label("so far");
    if (view->incident->kind == KIND_BACKSCATTER_SOURCE)
        snprintf(line, sizeof(line), "%llu notices: ", (unsigned long long)t->notices);
    else
        snprintf(line, sizeof(line), "%llu messages to %llu recipients: ",
                 (unsigned long long)t->messages, (unsigned long long)t->recipients);
    printf("%s%llu sent, %llu deferred, %llu bounced\n", line, (unsigned long long)t->sent,
           (unsigned long long)t->deferred, (unsigned long long)t->bounced);
    if (view->incident->kind == KIND_BACKSCATTER_VICTIM)
        return;
    label("still queued");
    printf("%llu", (unsigned long long)t->queued);
    if (t->held)
        printf(", %llu of them on hold", (unsigned long long)t->held);
    putchar('\n');
}

static void print_samples(const struct incident_view *view)
{
    char id[QUEUE_ID_TEXT_MAX];

    if (!view->sample_count)
        return;
    label("for example");
    for (uint32_t i = 0; i < view->sample_count && i < 5; i++)
        printf("%s%s", i ? " " : "", queue_id_print(view->sample[i].id, id));
    putchar('\n');
}

void print_incident(const struct incident_view *view, bool color)
{
    const struct incident *incident = view->incident;
    char key[VIEW_TEXT_MAX];

    printf("%s%s%s  ", color ? BOLD_RED : "", kind_name(incident->kind), color ? PLAIN : "");
    print_safe(span_str(incident_key(view, key)));
    printf("  on %s  [%s]\n", view->detector->hosts->host[incident->host].name->at, incident->id);
    label("why");
    print_wrapped(LABEL, view->reason);
    for (uint32_t i = 0; i < view->advice_count; i++) {
        label(i ? "" : "what to do");
        printf("%s%u. ", color && i == 0 ? BOLD : "", i + 1);
        print_wrapped(LABEL + 3, view->advice[i]);
        if (color && i == 0)
            fputs(PLAIN, stdout);
    }
    print_figures(view);
    if (incident->cause != CAUSE_NONE) {
        label("cause");
        printf("%s\n", cause_name(incident->cause));
    }
    print_tally("clients", &view->client_names, view->clients);
    print_tally("networks", &view->networks, view->networks.count);
    print_tally("senders", &view->senders, view->senders.count);
    print_tally("sender domains", &view->sender_domains, view->sender_domains.count);
    print_tally("sent to", &view->recipient_domains, view->recipient_domains.count);
    print_samples(view);
    for (uint32_t i = 0; i < view->related_count; i++) {
        label(i ? "" : "see also");
        printf("%s [%s]\n", kind_name(view->related[i]->kind), view->related[i]->id);
    }
    putchar('\n');
}

void print_warning(const struct site_warning *warning, bool color)
{
    printf("%swarning%s  ", color ? YELLOW : "", color ? PLAIN : "");
    print_wrapped(9, warning->text);
}

void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text)
        puts(text);
    free(text);
}

json_t *warning_json(const struct site_warning *warning)
{
    json_t *object = json_object();

    json_object_set_new(object, "type", json_string("warning"));
    json_object_set_new(object, "code", json_string(warning->code));
    json_object_set_new(object, "text", json_string(warning->text));
    return object;
}

static void set_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)sentence;
    json_object_set_new(ctx, name, json_integer((json_int_t)value));
}

static uint32_t count_incidents(const struct pipeline *pipeline)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < pipeline->detector.incident_count; i++)
        n += pipeline->detector.incident[i].state != INCIDENT_FREE;
    return n;
}

json_t *summary_json(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    json_t *object = json_object(), *counters = json_object();

    json_object_set_new(object, "type", json_string("summary"));
    json_object_set_new(object, "lines", json_integer((json_int_t)c->lines));
    json_object_set_new(object, "postfix_lines", json_integer((json_int_t)c->postfix));
    json_object_set_new(object, "unparsed", json_integer((json_int_t)c->unparsed));
    json_object_set_new(object, "messages",
                        json_integer((json_int_t)pipeline_messages(pipeline)));
    json_object_set_new(object, "incidents", json_integer(count_incidents(pipeline)));
    pipeline_each_counter(pipeline, set_counter, counters);
    json_object_set_new(object, "counters", counters);
    return object;
}

void print_summary(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    uint32_t incidents = count_incidents(pipeline);

    printf("%llu lines, %llu of them Postfix's; %llu messages; %u incident%s\n",
           (unsigned long long)c->lines, (unsigned long long)c->postfix,
           (unsigned long long)pipeline_messages(pipeline), incidents, incidents == 1 ? "" : "s");
    if (c->unparsed)
        printf("%llu Postfix lines were not understood: --annotate shows them\n",
               (unsigned long long)c->unparsed);
    if (c->ambiguous)
        printf("%llu records fit two readings and changed nothing: somebody writes addresses that "
               "look like log lines\n", (unsigned long long)c->ambiguous);
    if (pipeline->life.counters.unattributed)
        printf("%llu messages were accepted before the log begins: nobody is blamed for them\n",
               (unsigned long long)pipeline->life.counters.unattributed);
    if (pipeline->tracker.counters.evicted || pipeline->detector.counters.cells_evicted)
        printf("limits were reached (%llu messages, %llu keys given up): see [limits]\n",
               (unsigned long long)pipeline->tracker.counters.evicted,
               (unsigned long long)pipeline->detector.counters.cells_evicted);
}

uint32_t print_incidents(const struct detector *detector, bool json, bool color)
{
    const struct incident **list = calloc(detector->incident_count + 1u, sizeof(*list));
    uint32_t n = list ? incidents_in_order(detector, list) : 0;
    struct incident_view *view = malloc(sizeof(*view));

    for (uint32_t i = 0; view && i < n; i++) {
        incident_view_init(view, detector, list[i]);
        if (json)
            print_json(incident_json(view));
        else
            print_incident(view, color);
        incident_view_done(view);
    }
    free(view);
    free(list);
    return n;
}
