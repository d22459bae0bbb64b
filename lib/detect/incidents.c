/* SPDX-License-Identifier: MIT */
#include "detect/incidents.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/closing.h"
#include "detect/compact.h"
#include "detect/rejoin.h"
#include "detect/scope.h"

void incidents_release(struct detector *d, struct incident *incident)
{
    intern_put(d->texts, incident->key_text);
    intern_put(d->texts, incident->host_name);
    intern_put(d->texts, incident->close_reason);
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        intern_put(d->texts, incident->narrower[i]);
    *incident = (struct incident){0};
}

/* Takes an ended incident's cells out of the scope, so that new evidence gets new cells. They still
 * belong to the incident. */
static void retire(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    uint32_t next;

    for (uint32_t i = d->scope[incident->scope].first; i; i = next) {
        struct cell *cell = &d->cell[i - 1];
        next = cell->next;
        if (cell->incident != number)
            continue;
        cell_retire(d, cell);
    }
}

void incidents_opened(struct detector *d, const struct incident *incident)
{
    struct host_load *load = &d->load[incident->host];
    uint32_t slot = (uint32_t)(incident - d->incident);

    if (!load->open++ || slot < load->low)
        load->low = slot;
}

/* Reads the whole table: an incident keeps no list of its cells, and drops are rare. */
void incidents_drop(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;

    if (incident->state == INCIDENT_OPEN)
        d->load[scope_host(incident->scope)].open--;
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident == number)
            cell_free(d, &d->cell[i]);
    incidents_release(d, incident);
}

void incidents_keep_narrower(struct incident *incident, struct intern *key)
{
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        if (incident->narrower[i] == key)
            return;
    if (incident->narrower_count < NARROWER_MAX)
        incident->narrower[incident->narrower_count++] = intern_ref(key);
    else
        incident->narrower_more++;
}

/* An incident that was reopened has cells of its earlier life on its list. */
static void move_list(struct detector *d, struct incident *incident, struct incident *other)
{
    if (other->remainder) {
        cell_list(d, &d->cell[other->remainder - 1]);
        other->unmerged++;
        other->remainder = 0;
    }
    if (incident->last && other->first) {
        d->cell[incident->last - 1].next = other->first;
        d->cell[other->first - 1].prev = incident->last;
    } else if (other->first) {
        incident->first = other->first;
    }
    incident->last = other->last ? other->last : incident->last;
    incident->unmerged += other->unmerged;
    other->first = other->last = other->unmerged = 0;
}

/* Of the cells that it has now, each that is to be merged must be on its list. */
static void recount_unmerged(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;

    incident->unmerged = 0;
    for (uint32_t i = 0; i < d->cell_count; i++) {
        struct cell *cell = &d->cell[i];
        if (!cell->key || cell->incident != number || !cell->retired ||
            incident->remainder == i + 1 || compact_has_sample(incident, cell))
            continue;
        incident->unmerged++;
        if (!cell->listed)
            cell_list(d, cell);
    }
}

void incidents_merge(struct detector *d, struct incident *incident, struct incident *other)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    uint32_t other_number = (uint32_t)(other - d->incident) + 1;

    if (other->key != incident->key)
        incidents_keep_narrower(incident, other->key_text);
    for (uint32_t i = 0; i < other->narrower_count; i++)
        incidents_keep_narrower(incident, other->narrower[i]);
    compact_undo(d, other);
    move_list(d, incident, other);
    if (!incident->sampled)
        incident->sampled = other->sampled;
    totals_add(&incident->base, &other->base);
    incident->base_clients += other->base_clients;
    if (other->last_s > incident->last_s)
        incident->last_s = other->last_s;
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident == other_number)
            d->cell[i].incident = number;
    recount_unmerged(d, incident);
    incidents_drop(d, other);
}

static void end(struct detector *d, struct incident *incident, enum incident_event event,
                uint32_t now_s)
{
    compact_begin(d, incident);
    rejoin_note(d, incident);
    retire(d, incident);
    incident->state = INCIDENT_ENDED;
    d->load[scope_host(incident->scope)].open--;
    incident->ended_s = incident->last_s;
    incident->withdrawn = event == INCIDENT_WITHDRAWN;
    trace_say(d->trace, TRACE_DETECT, "%s %s", incident->id,
              incident->withdrawn ? "withdrawn" : "ended");
    if (d->on_event)
        d->on_event(d->on_event_ctx, event, incident, now_s);
}

void incidents_end(struct detector *d, struct incident *incident, uint32_t now_s)
{
    end(d, incident, INCIDENT_OVER, now_s);
}

static void withdraw_ended(struct detector *d, struct incident *incident, uint32_t now_s)
{
    incident->withdrawn = true;
    trace_say(d->trace, TRACE_DETECT, "%s withdrawn after its end", incident->id);
    if (d->on_event)
        d->on_event(d->on_event_ctx, INCIDENT_WITHDRAWN, incident, now_s);
}

void incidents_withdraw(struct detector *d, struct incident *incident, uint32_t now_s)
{
    if (incident->state == INCIDENT_OPEN)
        end(d, incident, INCIDENT_WITHDRAWN, now_s);
    else
        withdraw_ended(d, incident, now_s);
}

void incidents_reopen(struct detector *d, struct incident *incident, uint32_t now_s)
{
    incident->state = INCIDENT_OPEN;
    incident->ended_s = 0;
    incident->alerted_s = now_s;
    incident->reopened++;
    closing_undo(d, incident);
    compact_undo(d, incident);
    incidents_opened(d, incident);
    hosts_due(d->hosts, incident->host, 0);
}

/* Moves the remaining incidents to the front, so that their slots lie within the bound. */
static void close_ranks(struct detector *d)
{
    uint32_t *moved = calloc((size_t)d->incident_count + 1, sizeof(*moved));
    uint32_t n = 0;

    if (!moved)
        return;
    for (uint32_t i = 0; i < d->incident_count; i++) {
        if (d->incident[i].state == INCIDENT_FREE)
            continue;
        moved[i + 1] = n + 1;
        d->incident[n++] = d->incident[i];
    }
    memset(d->incident + n, 0, (d->incident_count - n) * sizeof(*d->incident));
    d->incident_count = n;
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key)
            d->cell[i].incident = moved[d->cell[i].incident];
    free(moved);
}

static int64_t age_of(const struct detector *d, const struct incident *incident)
{
    return hosts_ago(d->hosts, scope_host(incident->scope), incident->last_s);
}

/* An open incident is evicted only if none has ended. */
struct incident *incidents_evict(struct detector *d)
{
    struct incident *oldest = NULL;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_FREE)
            continue;
        if (!oldest || (incident->state == INCIDENT_ENDED) > (oldest->state == INCIDENT_ENDED) ||
            (incident->state == oldest->state && age_of(d, incident) > age_of(d, oldest)))
            oldest = incident;
    }
    d->counters.incidents_evicted++;
    incidents_drop(d, oldest);
    return oldest;
}

struct incident *incidents_take(struct detector *d)
{
    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state == INCIDENT_FREE)
            return &d->incident[i];
    if (d->incident_count < d->incident_max)
        return &d->incident[d->incident_count++];
    return incidents_evict(d);
}

void incidents_fit(struct detector *d, uint32_t incident_max)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < d->incident_count; i++)
        used += d->incident[i].state != INCIDENT_FREE;
    for (; used > incident_max; used--)
        incidents_evict(d);
    if (d->incident_count > incident_max)
        close_ranks(d);
    if (d->incident_count > incident_max || incident_max == d->incident_max)
        return;
    struct incident *incident = realloc(d->incident, incident_max * sizeof(*incident));
    if (!incident)
        return;
    if (incident_max > d->incident_max)
        memset(incident + d->incident_max, 0, (incident_max - d->incident_max) * sizeof(*incident));
    d->incident = incident;
    d->incident_max = incident_max;
}
