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

uint32_t detector_withdraw(struct detector *d, withdraw_test *test, void *ctx, uint32_t now_s)
{
    struct held *held = calloc((size_t)d->incident_count + 1, sizeof(*held));
    uint32_t doubtful = 0;

    if (!held)
        return 0;
    for (uint32_t i = 0; i < d->cell_count; i++) {
        struct cell *cell = &d->cell[i];
        if (cell->key && !cell->retired)
            look_at(d, cell, test(ctx, cell, scope_kind(cell->scope)), held);
    }
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN)
            continue;
        if (stands(incident, &held[i + 1]))
            doubtful += held[i + 1].doubtful;
        else if (incident->alerted)
            incidents_withdraw(d, incident, now_s);
        else
            incidents_drop(d, incident);
    }
    free(held);
    return doubtful;
}
