/* SPDX-License-Identifier: MIT */
#include "detect/key_counts.h"

#include <stdlib.h>

bool key_counts_init(struct detector *d)
{
    d->level_size = KEY_COUNTS_MIN;
    d->level = calloc(d->level_size, sizeof(*d->level));
    return d->level != NULL;
}

/* The key's slot, or the empty one where it belongs. */
static struct key_count *find_count(struct detector *d, uint64_t key)
{
    uint32_t mask = d->level_size - 1, at = (uint32_t)key & mask;

    while (d->level[at].key && d->level[at].key != key)
        at = (at + 1) & mask;
    return &d->level[at];
}

/* At the bound, the keys with the oldest evidence make room: as many as it takes to leave
 * KEPT_PERCENT of the bound. So the cost of a rebuild is shared by many new keys, and what is new
 * is never refused. */
enum { KEPT_PERCENT = 75, DAY_S = 86400 };

static uint32_t bound(const struct detector *d)
{
    return d->cell_max * 2;
}

static uint32_t count_since(const uint32_t *last_s, uint32_t n, uint64_t since_s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++)
        count += last_s[i] >= since_s;
    return count;
}

/* The earliest time that leaves at most `keep` of them, by bisection: ties go together, so that
 * what stays doesn't depend on the order in the table. */
static uint64_t since_for(const uint32_t *last_s, uint32_t n, uint32_t keep)
{
    uint64_t since_s = 0, until_s = (uint64_t)UINT32_MAX + 1;

    while (since_s < until_s) {
        uint64_t middle = since_s + (until_s - since_s) / 2;
        if (count_since(last_s, n, middle) <= keep)
            until_s = middle;
        else
            since_s = middle + 1;
    }
    return until_s;
}

/* Raises *since_s until few enough keys have evidence since then; their number, or UINT32_MAX when
 * memory is short. */
static uint32_t choose(struct detector *d, uint64_t *since_s)
{
    uint32_t *last_s = calloc((size_t)d->level_used + 1, sizeof(*last_s)), n = 0, live;

    if (!last_s)
        return UINT32_MAX;
    /* An array of its own: the bisection reads it 32 times. */
    for (uint32_t i = 0; i < d->level_size; i++)
        if (d->level[i].key && d->level[i].last_s >= *since_s)
            last_s[n++] = d->level[i].last_s;
    live = n;
    if (n >= bound(d)) {
        *since_s = since_for(last_s, n, (uint32_t)((uint64_t)bound(d) * KEPT_PERCENT / 100));
        live = count_since(last_s, n, *since_s);
        d->counters.keys_refused += n - live;
    }
    free(last_s);
    return live;
}

/* Rebuilds the table without keys that were silent for a day, the longest window there is, and at
 * the bound without the oldest. Grows it if necessary. False when memory is short. */
static bool make_room(struct detector *d, uint32_t now_s)
{
    uint64_t since_s = now_s >= DAY_S ? (uint64_t)now_s - DAY_S + 1 : 0;
    uint32_t live = choose(d, &since_s), size = KEY_COUNTS_MIN;

    if (live == UINT32_MAX)
        return false;
    while (size < live * 4 && size / 2 < bound(d))
        size *= 2;
    struct key_count *old = d->level, *level = calloc(size, sizeof(*level));
    if (!level)
        return false;
    uint32_t old_size = d->level_size;
    d->level = level;
    d->level_size = size;
    d->level_used = live;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key && old[i].last_s >= since_s)
            *find_count(d, old[i].key) = old[i];
    free(old);
    return true;
}

struct key_count *key_counts_find(struct detector *d, uint64_t key)
{
    struct key_count *level = find_count(d, key);

    return level->key ? level : NULL;
}

struct key_count *key_counts_get(struct detector *d, uint64_t key, uint32_t now_s)
{
    struct key_count *level = find_count(d, key);

    if (level->key)
        return level;
    if (d->level_used >= d->level_size / 2 || d->level_used >= bound(d)) {
        if (!make_room(d, now_s)) {
            d->counters.keys_refused++;
            return NULL;
        }
        level = find_count(d, key);
    }
    *level = (struct key_count){.key = key};
    d->level_used++;
    return level;
}
