/* SPDX-License-Identifier: MIT */
#include "detect/ticks.h"

#include "detect/grouping.h"
#include "detect/incidents.h"
#include "detect/scope.h"

/* How often a scope with an open incident is grouped, at most: every minute, and the more cells it
 * has the less often. A grouping reads all cells, so their number adds little to a day's work. */
enum { GROUP_EVERY_S = 60, CELLS_A_SECOND = 32 };

/* So long, at most, an incident waits for what makes it go on, unless end_after is longer. */
enum { WAITS_MAX_S = 86400 };

/* When detector_tick groups that scope, if it has an open incident and new evidence. */
static uint64_t grouping_due(const struct scope *scope)
{
    return scope->grouped_s + (uint64_t)GROUP_EVERY_S + scope->cells / CELLS_A_SECOND;
}

/* When detector_tick tells how it goes on, if there is news. */
static uint64_t update_due(const struct detector *d, const struct incident *incident)
{
    return incident->alerted_s + (uint64_t)(d->settings->alert.update_every / US_PER_S);
}

static bool has_news(const struct incident *incident)
{
    return incident->last_s > incident->alerted_s && !incident->closed_s;
}

/* After so long without evidence it ends. One that has come again is a slow attack: each time it
 * waits twice as long for the next burst, which may be too small to reopen it. */
static uint64_t silence_that_ends(const struct detector *d, const struct incident *incident)
{
    uint64_t end_after = (uint64_t)(d->settings->alert.end_after / US_PER_S);

    for (uint32_t i = 0; i < incident->reopened && end_after < WAITS_MAX_S; i++)
        end_after = end_after < WAITS_MAX_S / 2 ? 2 * end_after : WAITS_MAX_S;
    return end_after;
}

void ticks_expect(struct detector *d, const struct cell *cell)
{
    uint16_t host = scope_host(cell->scope);
    uint64_t at = grouping_due(&d->scope[cell->scope]);

    if (cell->incident && update_due(d, &d->incident[cell->incident - 1]) < at)
        at = update_due(d, &d->incident[cell->incident - 1]);
    if (at < UINT32_MAX)
        hosts_due(d->hosts, host, (uint32_t)at);
}

void detector_tick(struct detector *d, uint16_t host, uint32_t now_s)
{
    for (uint32_t i = d->load[host].low, seen = 0;
         seen < d->load[host].open && i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN || incident->host != host)
            continue;
        struct scope *scope = &d->scope[incident->scope];
        if (scope->dirty && grouping_due(scope) <= now_s)
            grouping_run_late(d, incident->scope, now_s);
        if (incident->state != INCIDENT_OPEN) /* the grouping ended or merged it */
            continue;
        if (incident->last_s + silence_that_ends(d, incident) < now_s) {
            incidents_end(d, incident, now_s);
            continue;
        }
        seen++;
        if (has_news(incident) && update_due(d, incident) <= now_s) {
            if (d->on_event)
                d->on_event(d->on_event_ctx, INCIDENT_UPDATED, incident, now_s);
            incident->alerted_s = now_s;
        }
    }
}

/* Must name every second at which detector_tick would act: the two change together. */
uint32_t detector_next_tick(const struct detector *d, uint16_t host)
{
    uint64_t next = UINT32_MAX;

    for (uint32_t i = d->load[host].low, seen = 0;
         seen < d->load[host].open && i < d->incident_count; i++) {
        const struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN || incident->host != host)
            continue;
        uint64_t at = incident->last_s + silence_that_ends(d, incident) + 1;
        seen++;
        if (has_news(incident) && update_due(d, incident) < at)
            at = update_due(d, incident);
        const struct scope *scope = &d->scope[incident->scope];
        if (scope->dirty && grouping_due(scope) < at)
            at = grouping_due(scope);
        if (at < next)
            next = at;
    }
    return (uint32_t)next;
}

bool detector_is_idle(const struct detector *d, uint16_t host)
{
    return !d->load[host].cells && !d->load[host].open;
}
