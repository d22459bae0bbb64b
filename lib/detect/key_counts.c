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

/* Rebuilds the table without keys that were silent for a day, the longest window there is. Grows it
 * if necessary. False at the bound or when memory is short. */
static bool make_room(struct detector *d, uint32_t now_s)
{
    uint32_t live = 0, size = KEY_COUNTS_MIN;
    struct key_count *old = d->level;

    for (uint32_t i = 0; i < d->level_size; i++)
        live += old[i].key && old[i].last_s + 86400u > now_s;
    while (size < live * 4)
        size *= 2;
    if (live >= d->cell_max * 2)
        return false;
    struct key_count *level = calloc(size, sizeof(*level));
    if (!level)
        return false;
    uint32_t old_size = d->level_size;
    d->level = level;
    d->level_size = size;
    d->level_used = live;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key && old[i].last_s + 86400u > now_s)
            *find_count(d, old[i].key) = old[i];
    free(old);
    return true;
}

struct key_count *key_counts_get(struct detector *d, uint64_t key, uint32_t now_s)
{
    struct key_count *level = find_count(d, key);

    if (level->key)
        return level;
    if (d->level_used >= d->level_size / 2) {
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
