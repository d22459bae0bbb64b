/* SPDX-License-Identifier: MIT */
#include "detect/runs.h"

#include "detect/cell.h"
#include "detect/compact.h"
#include "detect/evict.h"

/* Counts from 0; only what is in the queue stays. */
static void reuse(struct detector *d, struct cell *cell)
{
    cell_clear(d, cell);
    counts_begin_run(&cell->rest->counts);
    cell->totals = (struct totals){.queued = cell->totals.queued, .held = cell->totals.held};
    cell->rest->earlier = (struct cell_ref){0, 0};
}

/* The earlier run's samples come first: they lead to the beginning. */
static void take_samples(struct detector *d, struct cell_rest *rest, struct cell_rest *earlier)
{
    uint32_t before = earlier->sample_count, room = SAMPLES_MAX - before;
    uint32_t stay = rest->sample_count < room ? rest->sample_count : room;

    for (uint32_t i = stay; i < rest->sample_count; i++)
        intern_put(d->texts, rest->sample[i].message_id);
    memmove(rest->sample + before, rest->sample, stay * sizeof(*rest->sample));
    memmove(rest->sample_s + before, rest->sample_s, stay * sizeof(*rest->sample_s));
    memcpy(rest->sample, earlier->sample, before * sizeof(*rest->sample));
    memcpy(rest->sample_s, earlier->sample_s, before * sizeof(*rest->sample_s));
    rest->sample_count = before + stay;
    earlier->sample_count = 0;
}

/* The cell takes in the run before its own, if that is not in an incident and no queued message
 * refers to it; but no more than a part of a day, so that what is older can be left behind. */
static void take_in_earlier(struct detector *d, struct cell *cell)
{
    struct cell *earlier = cell_earlier(d, cell);
    struct named named;

    if (!earlier || earlier->incident || earlier->totals.queued || earlier->totals.held ||
        earlier->totals.first_s + (uint64_t)RUN_MAX_S < cell->totals.last_s ||
        !cell_named(cell, &named))
        return;
    cell_add_tallies(earlier, d->texts, &named);
    totals_add(&cell->totals, &earlier->totals);
    counts_add_runs(&cell->rest->counts, &earlier->rest->counts);
    take_samples(d, cell->rest, earlier->rest);
    cell->rest->earlier = earlier->rest->earlier;
    cell_free(d, earlier);
}

bool runs_is_over(const struct cell *cell, uint32_t window_s, uint32_t horizon_s, uint32_t at_s)
{
    const struct totals *t = &cell->totals;

    if (cell->incident || !t->last_s)
        return false;
    return t->last_s + (uint64_t)window_s < at_s ||
           (horizon_s > window_s && t->first_s + (uint64_t)RUN_MAX_S < at_s);
}

struct cell *runs_begin(struct detector *d, struct cell *cell, uint64_t key,
                        const struct observation *o, struct names *n, uint32_t horizon_s)
{
    struct cell_ref ref = {(uint32_t)(cell - d->cell) + 1, cell->serial};

    if (cell->totals.last_s + (uint64_t)horizon_s < o->at_s) {
        reuse(d, cell);
        return cell;
    }
    take_in_earlier(d, cell);
    cell_park(d, cell);
    if (d->cell_used >= d->cell_max)
        evict_for_room(d);
    struct cell *next = cell_make(d, key, o, n);
    const struct cell *before = cell_deref(d, ref);
    if (next && before) {
        counts_copy_days(&next->rest->counts, &before->rest->counts);
        next->rest->earlier = ref;
    }
    return next;
}
