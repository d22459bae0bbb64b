/* SPDX-License-Identifier: MIT */
/*
 * Does:         a sliding count: a ring of buckets, each stamped with the turn it belongs to.
 * Doesn't know: what is counted, or how long a bucket is.
 * Owns:         nothing; a value.
 * Time:         event time as a bucket number (seconds / bucket length), given. No timer sweeps the
 *               ring: its stamp shows that a bucket is stale. A late event goes into its own.
 * Fails:        window_add returns false for an event that is older than the ring.
 */
#ifndef RELAYWATCH_BASE_WINDOW_H
#define RELAYWATCH_BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* A window of an hour moves in steps of five minutes. */
enum { WINDOW_BUCKETS = 12 };

/* A bucket whose stamp is not the one expected counts as empty. Zeroed: nothing counted. */
struct window {
    uint32_t count[WINDOW_BUCKETS];
    uint32_t stamp[WINDOW_BUCKETS];
};

/* Counts n in that bucket. */
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

/* The sum over this bucket and the eleven before it. */
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
