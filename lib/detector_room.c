/* SPDX-License-Identifier: MIT */
/* How cells make room: at the bound, and when what they hold is over. */
#include "detector_inside.h"

#include <stdlib.h>

enum { EVICTION_SAMPLE = 16, SWEEP_MINUTES = 10 };

/* What is dearest to keep: an open incident's, then what is being counted, then an ended one's. */
static int worth(const struct detector *d, const struct cell *cell)
{
    if (!cell->incident)
        return 1;
    return d->incident[cell->incident - 1].state == INCIDENT_OPEN ? 2 : 0;
}

void cell_evict(struct detector *d)
{
    struct cell *worst = NULL;

    for (int i = 0; i < EVICTION_SAMPLE; i++) {
        struct cell *cell = &d->cell[d->cell_hand++ % d->cell_count];
        if (!cell->key)
            continue;
        int more = worst ? worth(d, cell) - worth(d, worst) : -1;
        if (more < 0 || (more == 0 && cell->totals.last_s < worst->totals.last_s))
            worst = cell;
    }
    if (worst) {
        d->counters.cells_evicted++;
        cell_free(d, worst);
    }
}

/* Nothing of it counts any more: what comes next would begin anew. Twice the window, since a field
 * may still have to be settled as of a while ago. */
static bool is_over(const struct detector *d, const struct cell *cell, uint32_t now_s)
{
    enum kind kind = detector_field_kind(cell->field);
    uint64_t window = (uint64_t)(detector_thresholds(d, cell, kind)->window / US_PER_S);

    return cell->key && !cell->incident && !cell->totals.queued && !cell->totals.held &&
           cell->totals.last_s + 2 * window < now_s;
}

/* Of a table that is mostly free, the places in front are taken from now on, and its end is given
 * back as soon as nothing is left there. */
static void trim_cells(struct detector *d)
{
    uint32_t used = d->cell_count, room = CELLS_MIN;

    if (d->cell_count <= 4 * CELLS_MIN || d->cell_used > d->cell_count / 4)
        return;
    while (used && !d->cell[used - 1].key)
        used--;
    d->cell_count = used;
    d->cell_free = 0;
    for (uint32_t i = used; i-- > 0;)
        if (!d->cell[i].key) {
            d->cell[i].next = d->cell_free;
            d->cell_free = i + 1;
        }
    while (room < used)
        room *= 2;
    struct cell *cell = room <= d->cell_room / 4 ? realloc(d->cell, room * sizeof(*cell)) : NULL;
    if (!cell)
        return;
    d->cell = cell;
    d->cell_room = room;
    detector_index_all(d);
}

/* A tenth of the table a minute, so that it never takes long, and which tenth hangs on nothing but
 * the minute. */
void cells_sweep(struct detector *d, uint32_t since_s, uint32_t now_s)
{
    uint32_t from = since_s / 60 + 1, to = now_s / 60;

    if (to >= from + SWEEP_MINUTES)
        from = to - SWEEP_MINUTES + 1;
    for (uint32_t minute = from; minute <= to; minute++) {
        uint64_t count = d->cell_count, part = minute % SWEEP_MINUTES;
        for (uint64_t i = count * part / SWEEP_MINUTES; i < count * (part + 1) / SWEEP_MINUTES; i++)
            if (is_over(d, &d->cell[i], now_s))
                cell_free(d, &d->cell[i]);
    }
    if (to >= from)
        trim_cells(d);
}
