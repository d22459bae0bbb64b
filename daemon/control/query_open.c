/* SPDX-License-Identifier: MIT */
/*
 * The totals of open incidents are summed over all cells, and there may be a hundred thousand of
 * those: in one pass for all incidents, in steps. A severity needs a view, which is a pass for each
 * incident, and a step.
 */
#include "control/query_open.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "report/incident_json.h"
#include "report/severity.h"
#include "report/text_json.h"

enum { SHOWN = 10, SHOWN_MAX = 100 };

/* Open incidents, the one seen last first, at most `max`. Returns how many. */
static int latest_open(const struct detector *d, const struct incident *latest[SHOWN_MAX], int max)
{
    int n = 0;

    for (const struct incident *i = NULL; (i = detector_next_incident(d, i));) {
        int at = n;
        if (i->state != INCIDENT_OPEN || i->closed_s)
            continue;
        while (at > 0 && latest[at - 1]->last_s < i->last_s)
            at--;
        if (at >= max)
            continue;
        n += n < max;
        for (int k = n - 1; k > at; k--)
            latest[k] = latest[k - 1];
        latest[at] = i;
    }
    return n;
}

/* The short form of an incident, for lists. severity: NULL if nobody asked. */
static json_t *open_incident(const struct incident *incident, const struct totals *totals,
                             const char *severity)
{
    json_t *object = json_object();

    query_text(object, "type", "open_incident");
    query_text(object, "id", incident->id);
    query_text(object, "kind", kind_name(incident->kind));
    json_object_set_new(object, "key", incident_key_json(incident));
    json_object_set_new(object, "host", text_json(intern_span(incident->host_name)));
    if (severity)
        query_text(object, "severity", severity);
    if (incident->cause != CAUSE_NONE)
        query_text(object, "cause", cause_name(incident->cause));
    query_count(object, "messages", totals->messages);
    query_count(object, "recipients", totals->recipients);
    query_count(object, "notices", totals->notices);
    query_count(object, "queued", totals->queued);
    query_count(object, "held", totals->held);
    json_object_set_new(object, "raised_at", query_time(incident->raised_s * US_PER_S));
    json_object_set_new(object, "last_seen", query_time(incident->last_s * US_PER_S));
    return object;
}

static int asked_for(const struct query *query)
{
    json_int_t open = json_integer_value(json_object_get(query->request, "open"));

    return open > 0 && open <= SHOWN_MAX ? (int)open : SHOWN;
}

/* Sums all incidents' totals in one pass over the cells, QUERY_CELLS per step. */
static enum query_step sum_totals(struct query *query, struct evbuffer *out)
{
    const struct detector *d = &query->runtime->pipeline->detector;
    const struct incident *latest[SHOWN_MAX];
    int n;

    if (detector_sum_totals(d, &query->at, QUERY_CELLS, query->totals, query->totals_room))
        return QUERY_MORE;
    n = latest_open(d, latest, asked_for(query));
    for (int i = 0; i < n; i++) {
        uint32_t slot = detector_slot(d, latest[i]);
        if (slot < query->totals_room)
            query_object(out, open_incident(latest[i], &query->totals[slot], NULL));
    }
    return QUERY_END;
}

/* One per step. Skips those evicted since. */
static enum query_step next_severity(struct query *query, struct evbuffer *out)
{
    struct detector *d = &query->runtime->pipeline->detector;
    const char(*ids)[INCIDENT_ID_MAX] = query->ids.items;

    if (query->at >= query->ids.count)
        return QUERY_END;
    const struct incident *incident = incident_by_id(d, span_str(ids[query->at++]));
    struct incident_view *view = incident ? malloc(sizeof(*view)) : NULL;
    if (!view)
        return QUERY_MORE;
    incident_view_init(view, d, incident);
    query_object(out, open_incident(incident, &view->totals, severity_name(view->severity)));
    incident_view_done(view);
    free(view);
    return QUERY_MORE;
}

static enum query_step list_latest(struct query *query)
{
    const struct incident *latest[SHOWN_MAX];
    int n = latest_open(&query->runtime->pipeline->detector, latest, asked_for(query));

    for (int i = 0; i < n; i++) {
        char *id = list_add(&query->ids, INCIDENT_ID_MAX, SHOWN_MAX);
        if (id)
            memcpy(id, latest[i]->id, INCIDENT_ID_MAX);
    }
    query->step = next_severity;
    return QUERY_MORE;
}

enum query_step query_open(struct query *query)
{
    if (query_flag(query, "severity"))
        return list_latest(query);
    query->totals_room = query->runtime->setup->settings.limits.incidents;
    query->totals = calloc(query->totals_room, sizeof(*query->totals));
    if (!query->totals)
        return query_fail(query, "not enough memory");
    query->step = sum_totals;
    return QUERY_MORE;
}
