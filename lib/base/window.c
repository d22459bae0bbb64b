/* SPDX-License-Identifier: MIT */
#include "base/window.h"

/* Adds n, counted evenly from from_s to before to_s, to buckets up to `last`. Shares are rounded so
 * that their sum is n. */
static void spread(struct window *w, uint32_t n, uint64_t from_s, uint64_t to_s, struct bucket last)
{
    uint64_t first = from_s / last.length, end = (to_s - 1) / last.length, done = 0;

    /* The ring has no place for what is older. */
    if (end >= WINDOW_BUCKETS && first < end - WINDOW_BUCKETS + 1) {
        first = end - WINDOW_BUCKETS + 1;
        done = n * (first * last.length - from_s) / (to_s - from_s);
    }
    for (uint64_t number = first; number <= end; number++) {
        uint64_t until_s = (number + 1) * last.length < to_s ? (number + 1) * last.length : to_s;
        uint64_t share = n * (until_s - from_s) / (to_s - from_s) - done;
        done += share;
        if (share)
            window_add(w, (struct bucket){last.length, (uint32_t)number}, (uint32_t)share);
    }
}

/* The number of the i-th oldest bucket of the ring. */
static int64_t number_of(const struct window *w, int i)
{
    return (int64_t)w->newest - (WINDOW_BUCKETS - 1) + i;
}

void window_refit(struct window *w, struct bucket last)
{
    const struct window old = *w;
    uint64_t present_s = ((uint64_t)last.number + 1) * last.length;

    *w = (struct window){.length = last.length, .newest = last.number};
    for (int i = 0; i < WINDOW_BUCKETS; i++) {
        int64_t number = number_of(&old, i);
        uint32_t count = old.length && number >= 0 ? old.count[number % WINDOW_BUCKETS] : 0;
        if (!count)
            continue;
        uint64_t from_s = (uint64_t)number * old.length, to_s = from_s + old.length;
        if (to_s > present_s) /* the bucket in which the present lies */
            to_s = present_s > from_s ? present_s : from_s + 1;
        spread(w, count, from_s, to_s, last);
    }
}

void window_merge(struct window *a, const struct window *b, struct bucket last)
{
    struct window fitted;

    if (!b->length)
        return;
    if (b->length != last.length) {
        fitted = *b;
        window_refit(&fitted, last);
        b = &fitted;
    }
    if (!a->length) {
        *a = *b;
        return;
    }
    for (int i = 0; i < WINDOW_BUCKETS; i++) {
        int64_t number = number_of(b, i);
        if (number >= 0 && b->count[number % WINDOW_BUCKETS])
            window_add(a, (struct bucket){last.length, (uint32_t)number},
                       b->count[number % WINDOW_BUCKETS]);
    }
}

void window_take_back(struct window *w, struct bucket bucket, uint32_t n)
{
    if (w->length && w->length != bucket.length)
        window_refit(w, bucket);
    if (!w->length || bucket.number > w->newest || w->newest - bucket.number >= WINDOW_BUCKETS)
        return;
    uint32_t *count = &w->count[bucket.number % WINDOW_BUCKETS];
    *count -= n < *count ? n : *count;
}
