/* SPDX-License-Identifier: MIT */
/*
 * Does:         a sliding count: a ring of buckets, of which the newest is known by its number.
 * Doesn't know: what is counted, or how long a window should be.
 * Owns:         nothing; a value.
 * Time:         event time as a bucket, given. No timer sweeps the ring: what is newer empties the
 *               buckets that it passes. A late event goes into its own. A bucket of another length
 *               is welcome at any time: what was counted is spread over buckets of that length.
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

/* Whether that time is in it. */
static inline bool bucket_has(struct bucket bucket, uint32_t at_s)
{
    return at_s - bucket.number * bucket.length < bucket.length;
}

/* The bucket `number` is in slot number % WINDOW_BUCKETS. Zeroed: nothing counted. */
struct window {
    uint32_t count[WINDOW_BUCKETS];
    uint32_t length; /* of each bucket, in seconds; 0: nothing was ever counted */
    uint32_t newest; /* number of the latest bucket; the ring goes back eleven from there */
};

/* Spreads what was counted over buckets of the length of `last`, up to that one. */
void window_refit(struct window *w, struct bucket last);

/* Makes that bucket the newest; those between were empty. */
static inline void window_advance(struct window *w, uint32_t number)
{
    uint32_t passed = number - w->newest;

    for (uint32_t i = 0; i < passed && i < WINDOW_BUCKETS; i++)
        w->count[(number - i) % WINDOW_BUCKETS] = 0;
    w->newest = number;
}

/* Counts n in that bucket. */
static inline bool window_add(struct window *w, struct bucket bucket, uint32_t n)
{
    if (!w->length) {
        w->length = bucket.length;
        w->newest = bucket.number;
    } else if (w->length != bucket.length) {
        window_refit(w, bucket);
    }
    if (bucket.number > w->newest)
        window_advance(w, bucket.number);
    else if (w->newest - bucket.number >= WINDOW_BUCKETS)
        return false;
    w->count[bucket.number % WINDOW_BUCKETS] += n;
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
    uint32_t over = bucket.number > w->newest ? bucket.number - w->newest : 0;
    if (over >= WINDOW_BUCKETS)
        return 0;
    for (int i = 0; i < WINDOW_BUCKETS; i++)
        sum += w->count[i];
    for (uint32_t i = 1; i <= over; i++)
        sum -= w->count[(w->newest + i) % WINDOW_BUCKETS];
    return sum;
}

/* Takes up to n back out of that bucket, if the ring still has it. */
void window_take_back(struct window *w, struct bucket bucket, uint32_t n);
/* Adds what b holds to a; both in buckets of the length of `last`, the present one. */
void window_merge(struct window *a, const struct window *b, struct bucket last);

#endif
