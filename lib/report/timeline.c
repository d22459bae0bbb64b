/* SPDX-License-Identifier: MIT */
#include "report/timeline.h"

#include <string.h>

enum { DAY_S = 86400 };

static const uint32_t widths[] = {60,    300,       900,        3600,        10800,      21600,
                                  DAY_S, 7 * DAY_S, 28 * DAY_S, 364 * DAY_S, 728 * DAY_S};
enum { WIDTHS = sizeof(widths) / sizeof(*widths) };

uint32_t timeline_width_s(const struct timeline *t)
{
    return widths[t->width];
}

static void add(uint32_t *to, uint32_t n)
{
    *to = n > UINT32_MAX - *to ? UINT32_MAX : *to + n;
}

/* Merges buckets into those of the next width. */
static void widen(struct timeline *t)
{
    struct timeline wide = {.width = t->width + 1};
    uint32_t times = widths[wide.width] / widths[t->width];

    wide.first = t->first / times;
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = (t->first + i) / times - wide.first;
        for (int s = 0; s < TIMELINE_SERIES; s++)
            add(&wide.n[at][s], t->n[i][s]);
        wide.count = at + 1;
    }
    *t = wide;
}

/* True if that bucket, in widths since 1970, fits beside those in use. */
static bool fits(const struct timeline *t, uint32_t at)
{
    return at >= t->first ? at - t->first < TIMELINE_BUCKETS
                          : t->first + t->count - at <= TIMELINE_BUCKETS;
}

/* Makes the bucket the first one. */
static void begin_at(struct timeline *t, uint32_t at)
{
    uint32_t by = t->first - at;

    memmove(&t->n[by], &t->n[0], t->count * sizeof(*t->n));
    memset(&t->n[0], 0, by * sizeof(*t->n));
    t->first = at;
    t->count += by;
}

void timeline_add(struct timeline *t, uint32_t at_s, int series, uint32_t n)
{
    if (!t->count)
        t->first = at_s / timeline_width_s(t);
    while (!fits(t, at_s / timeline_width_s(t)) && t->width + 1 < WIDTHS)
        widen(t);
    uint32_t at = at_s / timeline_width_s(t);
    if (at < t->first)
        begin_at(t, at);
    if (at - t->first >= t->count)
        t->count = at - t->first + 1;
    add(&t->n[at - t->first][series], n);
}

uint64_t timeline_sum(const struct timeline *t, int series)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < t->count; i++)
        sum += t->n[i][series];
    return sum;
}
