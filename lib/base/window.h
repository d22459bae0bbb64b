/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts over the last while: a ring of buckets, each stamped with its own turn.
 * Doesn't know: what is counted; how long a bucket is, but for what the caller says.
 * Owns:         nothing; a value.
 * Time:         event time in bucket numbers (seconds / bucket length), given. No timer sweeps it:
 *               a stale bucket is recognised by its stamp. Late events land in their own bucket.
 * Fails:        an event older than the ring is not counted (window_add returns false).
 */
#ifndef RELAYWATCH_BASE_WINDOW_H
#define RELAYWATCH_BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* A window of an hour is seen in steps of five minutes. */
enum { WINDOW_BUCKETS = 12 };

struct window {
    uint32_t count[WINDOW_BUCKETS];
    uint32_t stamp[WINDOW_BUCKETS];
};

static inline bool window_add(struct window *w, uint32_t bucket, uint32_t n)
{
    uint32_t i = bucket % WINDOW_BUCKETS;

    if (w->stamp[i] > bucket)
        return false;
    if (w->stamp[i] != bucket) {
        w->stamp[i] = bucket;
        w->count[i] = 0;
    }
    w->count[i] += n;
    return true;
}

/* The buckets now and the eleven before. */
static inline uint32_t window_sum(const struct window *w, uint32_t bucket)
{
    uint32_t sum = 0;

    for (int i = 0; i < WINDOW_BUCKETS; i++)
        if (w->stamp[i] + WINDOW_BUCKETS > bucket)
            sum += w->count[i];
    return sum;
}

/* Adds what b holds to a. */
static inline void window_merge(struct window *a, const struct window *b)
{
    for (uint32_t i = 0; i < WINDOW_BUCKETS; i++)
        if (b->count[i])
            window_add(a, b->stamp[i], b->count[i]);
}

#endif
