/* SPDX-License-Identifier: MIT */
/*
 * Does:         a sliding count: a ring of buckets, each stamped with the turn it belongs to.
 * Doesn't know: what is counted, or how long a window should be.
 * Owns:         nothing; a value.
 * Time:         event time as a bucket, given. No timer sweeps the ring: its stamp shows that a
 *               bucket is stale. A late event goes into its own. A bucket of another length is
 *               welcome at any time: what was counted is spread over buckets of that length.
 * Fails:        window_add returns false for an event that is older than the ring.
 */
#ifndef RELAYWATCH_BASE_WINDOW_H
#define RELAYWATCH_BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* A window of an hour moves in steps of five minutes. */
enum { WINDOW_BUCKETS = 12 };

/* The seconds from number * length on, `length` of them, which is not 0. */
struct bucket {
    uint32_t length, number;
};

/* A bucket whose stamp is not the one expected counts as empty. Zeroed: nothing counted. */
struct window {
    uint32_t count[WINDOW_BUCKETS];
    uint32_t stamp[WINDOW_BUCKETS]; /* a bucket's number */
    uint32_t length;                /* of each; 0: nothing was ever counted */
};

/* Spreads what was counted over buckets of the length of `last`, up to that one. */
void window_refit(struct window *w, struct bucket last);

/* Counts n in that bucket. */
static inline bool window_add(struct window *w, struct bucket bucket, uint32_t n)
{
    uint32_t i = bucket.number % WINDOW_BUCKETS;

    if (!w->length)
        w->length = bucket.length;
    else if (w->length != bucket.length)
        window_refit(w, bucket);
    if (w->stamp[i] > bucket.number)
        return false;
    if (w->stamp[i] != bucket.number) {
        w->stamp[i] = bucket.number;
        w->count[i] = 0;
    }
    w->count[i] += n;
    return true;
}

/* The sum over this bucket and the eleven before it. */
static inline uint32_t window_sum(const struct window *w, struct bucket bucket)
{
    struct window fitted;
    uint32_t sum = 0;

    if (!w->length)
        return 0;
    if (w->length != bucket.length) {
        fitted = *w;
        window_refit(&fitted, bucket);
        w = &fitted;
    }
    for (int i = 0; i < WINDOW_BUCKETS; i++)
        if (w->stamp[i] + WINDOW_BUCKETS > bucket.number)
            sum += w->count[i];
    return sum;
}

/* Adds what b holds to a; both in buckets of the length of `last`, the present one. */
void window_merge(struct window *a, const struct window *b, struct bucket last);

#endif
