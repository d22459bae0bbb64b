/* SPDX-License-Identifier: MIT */
/*
 * Grouping is brought up to date first (detector_group), so that incidents are listed as they stand
 * now, folded where they belong together.
 */
#include "control/query_incidents.h"

#include "detect/closing.h"
#include "report/text_json.h"
#include "show/incident_whole.h"

/* How long an ended incident counts as recent. */
#define RECENT_S (24 * 3600)

static json_t *whole(struct detector *d, const struct incident *incident)
{
    struct incident_view *view = malloc(sizeof(*view));
    json_t *object;

    if (!view)
        return NULL;
    incident_view_init(view, d, incident);
    object = incident_whole_to_json(view);
    incident_view_done(view);
    free(view);
    return object;
}

/* One per step: the view of a large incident takes a while. Skips those evicted since. */
static enum query_step next_incident(struct query *query, struct evbuffer *out)
{
    struct detector *d = &query->runtime->pipeline->detector;
    const char(*ids)[INCIDENT_ID_MAX] = query->ids.items;

    if (query->at >= query->ids.count)
        return QUERY_END;
    const struct incident *incident = incident_by_id(d, span_str(ids[query->at++]));
    json_t *object = incident ? whole(d, incident) : NULL;
    if (object)
        query_object(out, object);
    return QUERY_MORE;
}

static bool is_recent(const struct incident *incident, uint32_t now_s)
{
    return incident->state == INCIDENT_OPEN || incident->ended_s + RECENT_S >= now_s;
}

static bool is_open(const struct incident *incident)
{
    return incident->state == INCIDENT_OPEN && !incident->closed_s;
}

/* Open incidents first, then closed and ended ones, each in the order they were raised. */
enum query_step query_incidents(struct query *query, struct evbuffer *out)
{
    struct pipeline *p = query->runtime->pipeline;
    const struct incident **list;
    bool all = query_flag(query, "all");

    (void)out;
    detector_group(&p->detector);
    list = calloc(detector_incidents(&p->detector) + 1u, sizeof(*list));
    if (!list)
        return query_fail(query, "not enough memory");
    uint32_t n = incidents_in_order(&p->detector, list);
    for (int ended = 0; ended < 2; ended++)
        for (uint32_t i = 0; i < n; i++) {
            char *id;
            if (is_open(list[i]) == ended || (ended && !all && !is_recent(list[i], p->now_s)))
                continue;
            id = list_add(&query->ids, INCIDENT_ID_MAX, n);
            if (id)
                memcpy(id, list[i]->id, INCIDENT_ID_MAX);
        }
    free(list);
    query->step = next_incident;
    return QUERY_MORE;
}

/* --- one -------------------------------------------------------------------------------------- */

static const struct incident *find(struct query *query)
{
    struct detector *d = &query->runtime->pipeline->detector;
    struct span id = query_argument(query, "id");
    const struct incident *incident = id.len ? incident_by_id(d, id) : NULL;

    if (!incident)
        query_unknown(query, "incident", id, "");
    return incident;
}

enum query_step query_show(struct query *query, struct evbuffer *out)
{
    struct pipeline *p = query->runtime->pipeline;

    detector_group(&p->detector);
    const struct incident *incident = find(query);
    json_t *object = incident ? whole(&p->detector, incident) : NULL;

    if (object)
        query_object(out, object);
    return QUERY_END;
}

/* A person's decision. Answers with the incident as it is then. */
enum query_step query_close(struct query *query, struct evbuffer *out)
{
    struct pipeline *p = query->runtime->pipeline;

    detector_group(&p->detector);
    const struct incident *incident = find(query);
    if (!incident)
        return QUERY_END;
    detector_close(&p->detector, incident, query_argument(query, "reason"),
                   (uint32_t)(query->runtime->now / US_PER_S));
    json_t *object = whole(&p->detector, incident);
    if (object)
        query_object(out, object);
    return QUERY_END;
}

/* --- its clients ------------------------------------------------------------------------------ */

static void send_clients(struct evbuffer *out, const struct incident_view *view, uint32_t from,
                         uint32_t to)
{
    json_t *object = json_object(), *list = json_array();

    query_text(object, "type", "clients");
    query_count(object, "distinct", view->clients);
    for (uint32_t i = from; i < to; i++)
        json_array_append_new(list, text_json(intern_span(view->client_names.entry[i].text)));
    json_object_set_new(object, "clients", list);
    query_object(out, object);
}

/* All that the incident remembers, at most TALLY_CLIENTS_MAX; at least one object, for the number
 * of those that there were. */
enum query_step query_clients(struct query *query, struct evbuffer *out)
{
    struct pipeline *p = query->runtime->pipeline;

    detector_group(&p->detector);
    const struct incident *incident = find(query);
    struct incident_view *view = incident ? malloc(sizeof(*view)) : NULL;
    if (!view)
        return QUERY_END;
    incident_view_init(view, &p->detector, incident);
    uint32_t n = view->client_names.count, from = 0;
    do {
        uint32_t to = n - from > QUERY_IDS ? from + QUERY_IDS : n;
        send_clients(out, view, from, to);
        from = to;
    } while (from < n);
    incident_view_done(view);
    free(view);
    return QUERY_END;
}

/* --- what is queued --------------------------------------------------------------------------- */

static void flush(struct query *query, struct evbuffer *out)
{
    json_t *object;

    if (!query->batch)
        return;
    object = json_object();
    query_text(object, "type", "queue_ids");
    json_object_set_new(object, "queue_ids", query->batch);
    json_object_set_new(object, "hosts", query->batch_hosts);
    json_object_set_new(object, "across_hosts", json_boolean(query->across_hosts));
    query->batch = query->batch_hosts = NULL;
    query_object(out, object);
}

/* IN_CELL: the incident's figure "queued" counts this message. */
static bool belongs(struct query *query, const struct message *m)
{
    struct pipeline *p = query->runtime->pipeline;
    struct span id = query_argument(query, "id");
    const struct incident *incident =
        message_has(m, MESSAGE_IN_CELL) ? judge_incident_of(&p->judge, m) : NULL;

    return incident &&
           (span_equal(span_str(incident->id), id) || span_equal(span_str(incident->told_as), id));
}

static void visit_queued(void *ctx, struct message *m)
{
    struct query *query = ctx;
    char id[QUEUE_ID_TEXT_MAX];
    const struct host *host = hosts_of(&query->runtime->pipeline->hosts, m->source);
    struct span only = query_argument(query, "host");
    bool wanted =
        m->state == MESSAGE_QUEUED || (m->state == MESSAGE_HELD && query_flag(query, "held"));

    if (!wanted || (only.len && !span_equal_nocase(intern_span(host->name), only)) ||
        !belongs(query, m))
        return;
    if (!query->batch) {
        query->batch = json_array();
        query->batch_hosts = json_array();
    }
    json_array_append_new(query->batch, json_string(queue_id_print(m->id, id)));
    json_array_append_new(query->batch_hosts, text_json(intern_span(host->name)));
}

/* An object is sent once it has QUERY_IDS queue IDs; one step may add many more. */
static enum query_step walk_queued(struct query *query, struct evbuffer *out)
{
    bool more = query_walk(query, visit_queued);

    if (!more || json_array_size(query->batch) >= QUERY_IDS)
        flush(query, out);
    return more ? QUERY_MORE : QUERY_END;
}

/* "across_hosts" says that the incident may be on several: if its scope is a fleet's, even if it
 * is on one so far, so that what is printed does not change its form. */
enum query_step query_queue(struct query *query, struct evbuffer *out)
{
    const struct pipeline *p = query->runtime->pipeline;
    const struct incident *incident = find(query);
    struct span host = query_argument(query, "host");

    (void)out;
    if (!incident)
        return QUERY_END;
    if (host.len && hosts_find(&p->hosts, host) == HOSTS_NONE)
        return query_fail(query, "no host \"%.*s\" is known from the log",
                          (int)(host.len < 60 ? host.len : 60), host.at);
    query->across_hosts = incident->host == p->detector.fleet;
    query->step = walk_queued;
    return QUERY_MORE;
}
