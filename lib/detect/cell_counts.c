/* SPDX-License-Identifier: MIT */
#include "detect/cell_counts.h"

/* As evidence_measures says of the first evidence of a cell. */
static uint32_t once_counts(const struct once *once, int measure, bool in_a_day)
{
    switch (measure) {
    case MEASURE_MAIN:
        return 1;
    case MEASURE_FOREIGN:
        return once->foreign_sender && !(in_a_day && once->maybe_ours);
    case MEASURE_UNSEEN:
        return once->unseen_sender;
    default:
        return 0;
    }
}

uint64_t cell_run(const struct cell *cell, int measure)
{
    return cell->once ? once_counts(cell->once, measure, false)
                      : counts_of(&cell->rest->counts, measure)->run;
}

uint32_t cell_sum(const struct cell *cell, int measure, struct bucket last, bool in_a_day)
{
    uint32_t number = cell->totals.first_s / last.length;

    if (!cell->once)
        return counts_sum(&cell->rest->counts, measure, last, in_a_day);
    return last.number < number + (uint64_t)WINDOW_BUCKETS
               ? once_counts(cell->once, measure, in_a_day)
               : 0;
}
