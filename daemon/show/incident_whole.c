/* SPDX-License-Identifier: MIT */
#include "show/incident_whole.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/refusals.h"

enum { TOP = 5 };

/* Takes over the list: the first of the tally, [["gmail.com", 150], ...]. */
static void set_top(json_t *object, const char *name, json_t *list, uint64_t distinct)
{
    json_t *all = json_object();

    json_object_set_new(all, "top", list);
    /* May be more than the tally has entries: that is why it is passed in. */
    json_object_set_new(all, "distinct", json_integer((json_int_t)distinct));
    json_object_set_new(object, name, all);
}

static void add_pair(json_t *list, struct span text, uint32_t count)
{
    json_t *pair = json_array();

    json_array_append_new(pair, text_json(text));
    json_array_append_new(pair, json_integer(count));
    json_array_append_new(list, pair);
}

static void set_tally(json_t *object, const char *name, const struct tally *tally,
                      uint64_t distinct)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < tally->count && i < TOP; i++)
        add_pair(list, intern_span(tally->entry[i].text), tally->entry[i].count);
    set_top(object, name, list, distinct);
}

/* With their names, where these are known. */
static void set_clients(json_t *object, const struct incident_view *view)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < view->client_names.count && i < TOP; i++)
        add_pair(list, view_client(view, i), view->client_names.entry[i].count);
    set_top(object, "clients", list, view->clients);
}

/* 'mx1[private/dovecot-lmtp] (lmtp): "550 5.1.1 ..."', each with its count. */
static void set_refusals(json_t *object, const struct incident_view *view)
{
    json_t *list = json_array();
    char who[REFUSED_BY_MAX], text[REFUSED_BY_MAX * 2];

    for (uint32_t i = 0; i < view->refused_by.count && i < VIEW_LIST_MAX; i++) {
        struct refused_by by;
        if (!refused_by_read(intern_span(view->refused_by.entry[i].text), &by))
            continue;
        snprintf(text, sizeof(text), "%s: \"%.*s\"", refusals_who(&by, who), SPAN_ARG(by.reply));
        add_pair(list, span_str(text), view->refused_by.entry[i].count);
    }
    set_top(object, "refused_by", list, view->refused_by.count);
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
    set_clients(more, view);
    set_tally(more, "networks", &view->networks, view->networks.count);
    set_tally(more, "senders", &view->senders, view->senders.count);
    set_tally(more, "sender_domains", &view->sender_domains, view->domains);
    set_tally(more, "recipient_domains", &view->recipient_domains, view->recipient_domains.count);
    if (view->hosts.count > 1)
        set_tally(more, "hosts", &view->hosts, view->hosts.count + view->hosts.more);
    set_refusals(more, view);
    for (int i = 0; view->said && i < MAIL_HEADER_COUNT; i++)
        set_tally(more, i == MAIL_HEADER_SUBJECT ? "subjects" : "scripts", &view->said[i],
                  view->said[i].count);
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

/* The line becomes a row, and is dropped. */

json_t *incidents_to_json(struct detector *detector)
{
    const struct incident **list = calloc(detector_incidents(detector) + 1u, sizeof(*list));
    uint32_t n = list ? incidents_in_order(detector, list) : 0;
    struct incident_view *view = malloc(sizeof(*view));
    json_t *all = json_array();

    for (uint32_t i = 0; view && i < n; i++) {
        incident_view_init(view, detector, list[i]);
        json_array_append_new(all, incident_whole_to_json(view));
        incident_view_done(view);
    }
    free(view);
    free(list);
    return all;
}
