/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps a table of counts by key, for the kinds whose keys can cover several cells.
 * Doesn't know: what a key means.
 * Owns:         the table, which is part of struct detector.
 * Time:         event time in seconds, given.
 * Fails:        key_counts_get returns NULL when memory is short, and counts it. At the bound,
 *               twice that of cells, the keys with the oldest evidence are dropped, and counted.
 */
#ifndef RELAYWATCH_DETECT_KEY_COUNTS_H
#define RELAYWATCH_DETECT_KEY_COUNTS_H

#include "detect/tables.h"

enum { KEY_COUNTS_MIN = 256 }; /* slots, at least */

/* False when memory is short. */
bool key_counts_init(struct detector *d);
void key_counts_done(struct detector *d);
/* Prefetches the key's slot. */
static inline void key_counts_prefetch(const struct detector *d, uint64_t key)
{
    __builtin_prefetch(&d->level[(uint32_t)key & (d->level_size - 1)], 1);
}
/* The key's count, or NULL. Valid until the next key_counts_get. */
struct key_count *key_counts_find(struct detector *d, uint64_t key);
/* The count of that host's key, added if it is missing. Valid until the next call. */
struct key_count *key_counts_get(struct detector *d, uint64_t key, uint16_t host);

/* What one measure of it has in its window up to that bucket, or in that of a day. */
uint32_t key_count_sum(const struct key_count *level, int measure, struct bucket last,
                       bool in_a_day);
/* Counts the first n measures in the buckets of last_s, without the windows. False, and nothing
 * counted, if that is too much for it. */
bool key_count_add(struct key_count *level, const uint32_t *now, const uint32_t *day, int n);
/* Its windows, with all that was counted; length: of the buckets of the kind's window, in seconds.
 * NULL when memory is short. */
struct counts *key_count_windows(struct key_count *level, uint32_t length);

/* Forgets what was found out about its thresholds. */
void key_count_recheck(struct key_count *level);
/* Notes that a client was seen under the key; takes its own reference. Past KEY_CLIENTS_MAX, or if
 * memory is short, it isn't noted. */
void key_count_add_client(struct detector *d, struct key_count *level, struct intern *client);
/* How many were noted; UINT64_MAX for as many as are told apart. */
uint64_t key_count_clients(const struct key_count *level);
/* As if nothing had ever been counted under it. */
void key_count_clear(struct detector *d, struct key_count *level);
/* Forgets the clients; of all keys. */
void key_count_drop_clients(struct detector *d, struct key_count *level);
void key_counts_drop_clients(struct detector *d);

#endif
