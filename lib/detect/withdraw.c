/* SPDX-License-Identifier: MIT */
#include "detect/withdraw.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/incidents.h"
#include "detect/scope.h"

/* The numbers of an incident's cells, of those that are void, and of those that are in part. */
struct held {
    uint32_t cells, empty, doubtful;
};

static bool stands(const struct incident *incident, const struct held *held)
{
    return held->cells == 0 || held->empty < held->cells || incident->base.recipients ||
           incident->base.notices;
}

static void look_at(struct detector *d, struct cell *cell, enum evidence evidence,
                    struct held *held)
{
    held[cell->incident].cells++;
    held[cell->incident].empty += evidence == EVIDENCE_VOID;
    held[cell->incident].doubtful += evidence != EVIDENCE_STANDS;
    if (evidence == EVIDENCE_VOID && !cell->incident) /* it must not help to raise anything */
        cell_free(d, cell);
}

static void look_at_scope(struct detector *d, uint32_t scope, withdraw_test *test, void *ctx,
                          struct held *held)
{
    for (uint32_t i = d->scope[scope].first, next; i; i = next) {
        struct cell *cell = &d->cell[i - 1];
        next = cell->next;
        look_at(d, cell, test(ctx, cell, scope_kind(scope)), held);
    }
}

struct withdrawn detector_withdraw(struct detector *d, uint16_t host, withdraw_test *test,
                                   void *ctx, uint32_t now_s)
{
    bool any = d->load[host].cells || d->load[host].open;
    struct held *held = any ? calloc((size_t)d->incident_count + 1, sizeof(*held)) : NULL;
    struct withdrawn withdrawn = {0};

    if (!held)
        return withdrawn;
    for (uint32_t scope = scope_number(host, 0, 0); scope < scope_number(host + 1, 0, 0); scope++)
        look_at_scope(d, scope, test, ctx, held);
    for (uint32_t i = 0; d->load[host].open && i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN || incident->host != host)
            continue;
        if (stands(incident, &held[i + 1])) {
            withdrawn.doubtful += held[i + 1].doubtful;
            continue;
        }
        withdrawn.incidents++;
        if (incident->alerted || incident->closed_s) /* what was decided is kept */
            incidents_withdraw(d, incident, now_s);
        else
            incidents_drop(d, incident);
    }
    free(held);
    return withdrawn;
}
