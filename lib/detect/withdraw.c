/* SPDX-License-Identifier: MIT */
#include "detect/withdraw.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/incidents.h"
#include "detect/scope.h"

/* The numbers of an incident's cells, and of those that are void. */
struct held {
    uint32_t cells, empty;
};

static bool stands(const struct incident *incident, const struct held *held)
{
    return held->cells == 0 || held->empty < held->cells || incident->base.recipients ||
           incident->base.notices;
}

void detector_withdraw(struct detector *d, withdraw_test *is_void, void *ctx, uint32_t now_s)
{
    struct held *held = calloc((size_t)d->incident_count + 1, sizeof(*held));

    if (!held)
        return;
    for (uint32_t i = 0; i < d->cell_count; i++) {
        struct cell *cell = &d->cell[i];
        if (!cell->key || cell->retired)
            continue;
        bool empty = is_void(ctx, cell, scope_kind(cell->scope));
        held[cell->incident].cells++;
        held[cell->incident].empty += empty;
        if (empty && !cell->incident) /* it must not help to raise anything either */
            cell_free(d, cell);
    }
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN || stands(incident, &held[i + 1]))
            continue;
        if (incident->alerted)
            incidents_withdraw(d, incident, now_s);
        else
            incidents_drop(d, incident);
    }
    free(held);
}
