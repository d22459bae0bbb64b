/* SPDX-License-Identifier: MIT */
/* How cells make room: at the bound, and when what they hold is over. */
#include "detector_inside.h"

#include <stdlib.h>

enum { EVICTION_SAMPLE = 16, SWEEP_MINUTES = 10, DAY_S = 86400, CELLS_OF_ENDED = 256 };

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

/* An ended incident's cells, which nothing else refers to, move to the front. */
static void move_retired(struct detector *d)
{
    uint32_t to = 0;

    for (uint32_t from = d->cell_count; from-- > to;) {
        struct cell *cell = &d->cell[from];
        if (!cell->key || !cell->retired || cell->totals.queued || cell->totals.held)
            continue;
        while (to < from && d->cell[to].key)
            to++;
        if (to == from)
            break;
        d->cell[to] = *cell;
        *cell = (struct cell){0};
    }
}

/* Of a table that is mostly free, the places in front are taken from now on, and its end is given
 * back as soon as nothing is left there. */
static void trim_cells(struct detector *d)
{
    uint32_t used = d->cell_count, room = CELLS_MIN;

    if (d->cell_count <= 4 * CELLS_MIN || d->cell_used > d->cell_count / 4)
        return;
    move_retired(d);
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

struct old_cell {
    uint32_t incident, cell; /* index + 1 */
    uint64_t messages;
};

static int most_of_each_first(const void *a, const void *b)
{
    const struct old_cell *x = a, *y = b;

    if (x->incident != y->incident)
        return x->incident < y->incident ? -1 : 1;
    if (x->messages != y->messages)
        return x->messages > y->messages ? -1 : 1;
    return x->cell < y->cell ? -1 : 1;
}

/* An incident that has been over for a day keeps the keys that had most; the others' figures it
 * keeps as sums. A flood's keys would otherwise stay for good. */
static void shorten_ended(struct detector *d, uint32_t now_s)
{
    struct old_cell *old = calloc((size_t)d->cell_count + 1, sizeof(*old));
    uint32_t count = 0, kept = 0;

    for (uint32_t i = 0; old && i < d->cell_count; i++) {
        const struct cell *cell = &d->cell[i];
        const struct incident *incident = &d->incident[cell->incident ? cell->incident - 1 : 0];
        if (cell->retired && cell->incident && incident->ended_s + DAY_S < now_s)
            old[count++] = (struct old_cell){cell->incident, i + 1, cell->totals.messages};
    }
    if (count)
        qsort(old, count, sizeof(*old), most_of_each_first);
    for (uint32_t i = 0; i < count; i++) {
        struct cell *cell = &d->cell[old[i].cell - 1];
        kept = i && old[i].incident == old[i - 1].incident ? kept + 1 : 1;
        if (kept > CELLS_OF_ENDED && !cell->totals.queued && !cell->totals.held)
            cell_free(d, cell);
    }
    free(old);
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
    if (since_s / DAY_S != now_s / DAY_S)
        shorten_ended(d, now_s);
    if (to >= from)
        trim_cells(d);
}
