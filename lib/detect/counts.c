/* SPDX-License-Identifier: MIT */
#include "detect/counts.h"

#include <stdlib.h>

struct count *counts_make(struct counts *counts, int measure)
{
    if (measure == MEASURE_MAIN)
        return &counts->main;
    if (!counts->rest)
        counts->rest = calloc(MEASURES - 1, sizeof(*counts->rest));
    return counts->rest ? &counts->rest[measure - 1] : NULL;
}

void counts_begin_run(struct counts *counts)
{
    counts->main.run = 0;
    for (int i = 0; counts->rest && i < MEASURES - 1; i++)
        counts->rest[i].run = 0;
}

void counts_add_runs(struct counts *a, const struct counts *b)
{
    for (int i = 0; i < MEASURES; i++) {
        uint64_t run = counts_of(b, i)->run;
        struct count *count = run ? counts_make(a, i) : NULL;
        if (count)
            count->run += run;
    }
}

void counts_copy_days(struct counts *to, const struct counts *from)
{
    for (int i = 0; i < MEASURES; i++) {
        const struct window *day = &counts_of(from, i)->day;
        struct count *count = day->length ? counts_make(to, i) : NULL;
        if (count)
            count->day = *day;
    }
}

void counts_done(struct counts *counts)
{
    free(counts->rest);
    *counts = (struct counts){0};
}
