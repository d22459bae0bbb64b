/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts what thresholds are about, in the kind's window and in that of a day.
 * Doesn't know: thresholds, or whether it counts for a cell or for a wider key.
 * Owns:         struct count of the measures that are seldom counted, until counts_done.
 * Time:         event time as buckets, given.
 * Fails:        counts_make returns NULL when memory is short; the others leave that measure out.
 */
#ifndef RELAYWATCH_DETECT_COUNTS_H
#define RELAYWATCH_DETECT_COUNTS_H

#include <stddef.h>

#include "base/window.h"

/* What is counted. Keys that cover several cells count the first KEY_MEASURES. */
enum measure {
    MEASURE_MAIN,    /* what the kind's main threshold is about: recipients, notices, messages */
    MEASURE_FOREIGN, /* recipients under a sender that is neither ours nor the login's */
    MEASURE_UNSEEN,  /* trusted-relay: senders under our domains that were never seen to exist */
    MEASURE_REFUSED, /* account-abuse: refused recipients */
    MEASURE_NULL_SENDER, /* account-abuse: recipients under the null sender */
    MEASURES,
    KEY_MEASURES = MEASURE_UNSEEN + 1
};

struct count {
    struct window now, day; /* a cell's day has that of its earlier runs in it */
    uint64_t run;           /* cells only: since the run of evidence began, whatever the window */
};

enum { COUNTS_REST_BYTES = (MEASURES - 1) * sizeof(struct count) };

/* Zeroed: nothing counted. Most evidence is of the main measure alone; without the others, its cell
 * and its keys take a few cache lines. */
struct counts {
    struct count main;
    struct count *rest; /* the other measures; NULL: none of them was ever counted */
};

/* One measure, to read: zero if it was never counted. */
static inline const struct count *counts_of(const struct counts *counts, int measure)
{
    static const struct count none = {0};

    if (measure == MEASURE_MAIN)
        return &counts->main;
    return counts->rest ? &counts->rest[measure - 1] : &none;
}

/* What one measure has in its window up to that bucket, or in that of a day. */
static inline uint32_t counts_sum(const struct counts *counts, int measure, struct bucket last,
                                  bool in_a_day)
{
    const struct count *count = counts_of(counts, measure);

    return window_sum(in_a_day ? &count->day : &count->now, last);
}

/* One measure, to count in; NULL when memory is short. */
struct count *counts_make(struct counts *counts, int measure);
/* The runs count from 0; what is in the windows stays. */
void counts_begin_run(struct counts *counts);
/* Adds the runs of b to those of a. */
void counts_add_runs(struct counts *a, const struct counts *b);
/* Copies the windows of a day. */
void counts_copy_days(struct counts *to, const struct counts *from);
void counts_done(struct counts *counts);

#endif
