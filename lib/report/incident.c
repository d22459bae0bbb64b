/* SPDX-License-Identifier: MIT */
#include "report/incident.h"

#include <stdlib.h>

#include "base/buf.h"
#include "detect/cell.h"
#include "detect/cell_counts.h"
#include "detect/compact.h"
#include "detect/once.h"
#include "detect/said.h"
#include "detect/scope.h"
#include "detect/crossing.h"
#include "report/advice.h"
#include "report/backscatter.h"
#include "report/commands.h"
#include "report/grounds.h"
#include "report/refusals.h"
#include "report/severity.h"
#include "report/stanza.h"

const char *incident_event_name(enum incident_event event)
{
    static const char *const names[] = {"raised",    "widened",  "updated", "ended",
                                        "withdrawn", "reopened", "closed"};

    _Static_assert(sizeof(names) / sizeof(*names) == INCIDENT_EVENT_COUNT, "a name for each");
    return names[event];
}

static int by_number(const void *a, const void *b)
{
    const struct incident *const *x = a, *const *y = b;

    return (*x)->number < (*y)->number ? -1 : (*x)->number > (*y)->number;
}

/* Slots are reused, so their order says nothing about time. */
uint32_t incidents_in_order(const struct detector *d, const struct incident **ret)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state != INCIDENT_FREE)
            ret[n++] = &d->incident[i];
    qsort(ret, n, sizeof(*ret), by_number);
    return n;
}

/* The id is anybody's text, hence the comparison with its length. */
const struct incident *incident_by_id(const struct detector *d, struct span id)
{
    const struct incident *alerted = NULL;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        const struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_FREE)
            continue;
        if (span_equal(span_str(incident->id), id))
            return incident;
        if (id.len && span_equal(span_str(incident->told_as), id))
            alerted = incident;
    }
    return alerted;
}

/* Free slots of cells have no key. */
static bool holds(const struct detector *d, const struct incident *incident,
                  const struct cell *cell)
{
    return cell->key && cell->incident == (uint32_t)(incident - d->incident) + 1;
}

/* Roughly the order of the log: only the position of a cell's first sample is known exactly. In a
 * fleet, that of time. Numbers are unique, so the cells' slots don't matter. */
static uint64_t sample_number(const struct cell *cell, uint32_t i)
{
    const struct cell_rest *rest = cell->rest;

    return rest->sample_s[i] ? cell_order(rest->sample_s[i], rest->sample[i].id)
                             : (cell->totals.first_number + i) * SAMPLES_MAX + i;
}

/* Keeps the earliest samples of all cells. */
static void add_sample(struct incident_view *view, const struct sample *sample, uint64_t number)
{
    struct interns *texts = view->detector->texts;
    uint32_t at = view->sample_count;

    while (at > 0 && view->sample[at - 1].number > number)
        at--;
    if (at >= VIEW_SAMPLES_MAX)
        return;
    if (view->sample_count < VIEW_SAMPLES_MAX)
        view->sample_count++;
    else
        intern_put(texts, view->sample[view->sample_count - 1].message_id);
    memmove(&view->sample[at + 1], &view->sample[at],
            (view->sample_count - at - 1) * sizeof(*view->sample));
    view->sample[at] = (struct view_sample){sample->id, intern_ref(sample->message_id), number};
}

static void add_names(struct incident_view *view, const struct cell *cell)
{
    const struct named named = {&view->client_names,   &view->networks,          &view->senders,
                                &view->sender_domains, &view->recipient_domains, &view->hosts,
                                &view->refused_by,     &view->refused_domains,   &view->said};

    if (!view->forwarder)
        view->forwarder = cell->rest->forwarder;
    if (cell->rest->client_name && !cell_lists(cell)->clients.count) /* it has but one client */
        tally_add(&view->client_texts, view->detector->texts, cell->rest->client_name, 1,
                  cell->totals.last_s, TALLY_CLIENTS_MAX);
    cell_add_names(cell, view->detector->texts, &named);
    for (uint32_t i = 0; i < cell->rest->sample_count; i++)
        add_sample(view, &cell->rest->sample[i], sample_number(cell, i));
}

/* totals_add leaves out what is queued and held; here the present state is wanted. */
static void add_cell(struct incident_view *view, const struct cell *cell)
{
    struct cell copy;

    totals_add(&view->totals, &cell->totals);
    view->foreign += cell_run(cell, MEASURE_FOREIGN);
    view->totals.queued += cell->totals.queued;
    view->totals.held += cell->totals.held;
    if (!once_copy(view->detector, cell, &copy))
        return;
    add_names(view, &copy);
    once_copy_done(view->detector, cell, &copy);
}

static int by_first(const void *a, const void *b)
{
    const struct cell *const *x = a, *const *y = b;

    return (*x)->totals.first_number < (*y)->totals.first_number ? -1 : 1;
}

/* In the order of the log: where there are more names than a list takes, the first stay. */
static void add_cells(struct incident_view *view)
{
    const struct detector *d = view->detector;
    const struct cell **list;
    uint32_t count = 0, n = 0;

    for (uint32_t i = 0; i < d->cell_count; i++)
        count += holds(d, view->incident, &d->cell[i]);
    list = calloc((size_t)count + 1, sizeof(*list));
    for (uint32_t i = 0; list && n < count; i++)
        if (holds(d, view->incident, &d->cell[i]))
            list[n++] = &d->cell[i];
    if (n > 1)
        qsort(list, n, sizeof(*list), by_first);
    for (uint32_t i = 0; i < n; i++)
        add_cell(view, list[i]);
    for (uint32_t i = 0; !list && i < d->cell_count; i++) /* memory is short */
        if (holds(d, view->incident, &d->cell[i]))
            add_cell(view, &d->cell[i]);
    free(list);
}

/* Recorded by compact.c when it drops the names that show the relation. */
static bool was_related(const struct incident *incident, const struct incident *other)
{
    for (uint32_t i = 0; i < incident->related_count; i++)
        if (incident->related[i] == other->number)
            return true;
    return false;
}

/* By common clients, and by what was recorded before clients were dropped. */
static void find_related(struct incident_view *view)
{
    const struct detector *d = view->detector;
    bool *shares = calloc((size_t)d->incident_count + 1, sizeof(*shares));

    if (!shares)
        return;
    incidents_sharing(d, view->incident, &view->client_names, shares);
    for (uint32_t i = 0; i < d->incident_count && view->related_count < VIEW_RELATED_MAX; i++) {
        const struct incident *other = &d->incident[i];
        if (shares[i] ||
            (incidents_may_relate(d, view->incident, other) && was_related(view->incident, other)))
            view->related[view->related_count++] = other;
    }
    qsort(view->related, view->related_count, sizeof(*view->related), by_number);
    free(shares);
}

void incident_view_init(struct incident_view *view, struct detector *d,
                        const struct incident *incident)
{
    *view = (struct incident_view){.incident = incident,
                                   .detector = d,
                                   .key_type = incident_key_type(incident),
                                   .in_fleet = d->fleet != HOSTS_NONE,
                                   .totals = incident->base};
    add_cells(view);
    view->clients = (incident->compacted ? incident->compacted_clients : view->client_names.count) +
                    incident->base_clients;
    view->domains = incident->compacted ? incident->compacted_domains : view->sender_domains.count;
    /* These cells have one client each, so what the tally had no room for is mostly new clients. */
    if (incident->kind == KIND_OPEN_RELAY || incident->kind == KIND_BACKSCATTER_SOURCE)
        view->clients += view->client_names.more;
    tally_sort(&view->client_names);
    tally_sort(&view->networks);
    tally_sort(&view->senders);
    tally_sort(&view->sender_domains);
    tally_sort(&view->recipient_domains);
    tally_sort(&view->client_texts);
    tally_sort(&view->hosts);
    tally_sort(&view->refused_by);
    tally_sort(&view->refused_domains);
    for (int i = 0; view->said && i < MAIL_HEADER_COUNT; i++)
        tally_sort(&view->said[i]);
    find_related(view);
    severity_fill(view);
    advice_fill(view);
    commands_fill(view);
    stanza_fill(view);
}

void incident_view_done(struct incident_view *view)
{
    struct interns *texts = view->detector->texts;

    for (uint32_t i = 0; i < view->sample_count; i++)
        intern_put(texts, view->sample[i].message_id);
    tally_done(&view->client_names, texts);
    tally_done(&view->client_texts, texts);
    tally_done(&view->networks, texts);
    tally_done(&view->senders, texts);
    tally_done(&view->sender_domains, texts);
    tally_done(&view->recipient_domains, texts);
    tally_done(&view->hosts, texts);
    tally_done(&view->refused_by, texts);
    tally_done(&view->refused_domains, texts);
    said_done(&view->said, texts);
}
