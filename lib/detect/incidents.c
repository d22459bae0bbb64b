/* SPDX-License-Identifier: MIT */
/* Incidents go on, end and make room; settle.c raises them. */
#include "detect/detector_internal.h"

#include <stdlib.h>

void totals_add(struct totals *a, const struct totals *b)
{
    if (!a->first_s || (b->first_number && b->first_number < a->first_number)) {
        a->first_s = b->first_s;
        a->first_id = b->first_id;
        a->first_number = b->first_number;
    }
    if (b->last_s > a->last_s)
        a->last_s = b->last_s;
    a->messages += b->messages;
    a->recipients += b->recipients;
    a->sent += b->sent;
    a->deferred += b->deferred;
    a->bounced += b->bounced;
    a->notices += b->notices;
}

void incidents_release(struct detector *d, struct incident *incident)
{
    intern_put(d->texts, incident->key_text);
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        intern_put(d->texts, incident->narrower[i]);
    *incident = (struct incident){0};
}

void incidents_retire(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    uint32_t next;

    for (uint32_t i = d->scope[incident->scope].first; i; i = next) {
        struct cell *cell = &d->cell[i - 1];
        next = cell->next;
        if (cell->incident != number)
            continue;
        cell_unlink(d, cell);
        cell->retired = true;
    }
}

void incidents_drop(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;

    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident == number) {
            d->cell[i].incident = 0;
            cell_free(d, &d->cell[i]);
        }
    incidents_release(d, incident);
}

void incidents_end(struct detector *d, struct incident *incident, uint32_t now_s)
{
    compact_begin(d, incident);
    incidents_retire(d, incident);
    incident->state = INCIDENT_ENDED;
    incident->ended_s = incident->last_s;
    if (d->on_event)
        d->on_event(d->on_event_ctx, INCIDENT_OVER, incident, now_s);
}

void detector_tick(struct detector *d, uint32_t now_s)
{
    uint32_t end_after = (uint32_t)(d->settings->alert.end_after / US_PER_S);
    uint32_t update_every = (uint32_t)(d->settings->alert.update_every / US_PER_S);

    if (now_s <= d->ticked_s)
        return;
    d->ticked_s = now_s;
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN)
            continue;
        struct scope *scope = &d->scope[incident->scope];
        if (scope->dirty && scope->grouped_s + GROUP_EVERY_S <= now_s)
            grouping_run_late(d, incident->scope, now_s);
        if (incident->state != INCIDENT_OPEN)
            continue;
        if (incident->last_s + (uint64_t)end_after < now_s) {
            incidents_end(d, incident, now_s);
        } else if (incident->last_s > incident->alerted_s &&
                   incident->alerted_s + (uint64_t)update_every <= now_s) {
            if (d->on_event)
                d->on_event(d->on_event_ctx, INCIDENT_UPDATED, incident, now_s);
            incident->alerted_s = now_s;
        }
    }
}

uint32_t detector_next_tick(const struct detector *d)
{
    uint64_t end_after = (uint64_t)(d->settings->alert.end_after / US_PER_S);
    uint64_t update_every = (uint64_t)(d->settings->alert.update_every / US_PER_S);
    uint64_t next = UINT32_MAX;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        const struct incident *incident = &d->incident[i];
        uint64_t at = incident->last_s + end_after + 1;
        if (incident->state != INCIDENT_OPEN)
            continue;
        if (incident->last_s > incident->alerted_s && incident->alerted_s + update_every < at)
            at = incident->alerted_s + update_every;
        const struct scope *scope = &d->scope[incident->scope];
        if (scope->dirty && scope->grouped_s + (uint64_t)GROUP_EVERY_S < at)
            at = scope->grouped_s + (uint64_t)GROUP_EVERY_S;
        if (at < next)
            next = at;
    }
    return next > d->ticked_s ? (uint32_t)next : d->ticked_s + 1;
}

void detector_group(struct detector *d, uint32_t now_s)
{
    for (uint32_t scope = 0; scope < d->scope_count; scope++)
        if (d->scope[scope].dirty)
            grouping_run_late(d, scope, now_s);
}

/* Moves the incidents that are left to the front, so that their numbers are within the bound. */
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

struct incident *incidents_evict(struct detector *d)
{
    struct incident *oldest = NULL;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_FREE)
            continue;
        if (!oldest || (incident->state == INCIDENT_ENDED) > (oldest->state == INCIDENT_ENDED) ||
            (incident->state == oldest->state && incident->last_s < oldest->last_s))
            oldest = incident;
    }
    d->counters.incidents_evicted++;
    incidents_drop(d, oldest);
    return oldest;
}

uint32_t detector_open(const struct detector *d)
{
    uint32_t open = 0;

    for (uint32_t i = 0; i < d->incident_count; i++)
        open += d->incident[i].state == INCIDENT_OPEN;
    return open;
}

void detector_alerted(struct detector *d, const struct incident *incident, uint64_t recipients)
{
    struct incident *told = &d->incident[incident - d->incident];

    told->alerted_recipients = recipients;
    told->alerted = true;
}

void detector_fit(struct detector *d, uint32_t cell_max, uint32_t incident_max)
{
    uint32_t used = 0;

    d->cell_max = cell_max;
    while (d->cell_used > d->cell_max)
        evict_cell(d);
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
