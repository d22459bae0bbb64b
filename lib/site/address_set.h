/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers mail addresses by their hashes.
 * Doesn't know: what the addresses have in common.
 * Owns:         its two tables, until address_set_done.
 * Time:         timeless.
 * Fails:        at `max` addresses those of the table before go, and new ones fill another. From
 *               then on, and where memory was short, it is not complete.
 */
#ifndef RELAYWATCH_SITE_ADDRESS_SET_H
#define RELAYWATCH_SITE_ADDRESS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_set {
    struct address_table {
        uint64_t *slot; /* open addressing; 0: free */
        uint32_t size;  /* a power of two, or 0 */
        uint32_t count;
    } table[2];   /* the one that is filled, and the one before */
    uint32_t max; /* in each of them */
    bool incomplete;
};

static inline bool address_table_has(const struct address_table *table, uint64_t hash)
{
    for (uint32_t i = (uint32_t)hash; table->size; i++) {
        uint64_t at = table->slot[i & (table->size - 1)];
        if (!at || at == hash)
            return at != 0;
    }
    return false;
}

static inline bool address_set_has(const struct address_set *set, uint64_t hash)
{
    return address_table_has(&set->table[0], hash) || address_table_has(&set->table[1], hash);
}

/* Prefetches where the table that is filled may have it. */
static inline void address_set_prefetch(const struct address_set *set, uint64_t hash)
{
    if (set->table[0].size)
        __builtin_prefetch(&set->table[0].slot[hash & (set->table[0].size - 1)]);
}

/* Those in the table before are moved, so that the ones in use stay. */
void address_set_add(struct address_set *set, uint64_t hash);
void address_set_done(struct address_set *set);

/* Iterates over a table: *at is 0 at first, and 0 is the end. In that order they take the same
 * places in an empty table that has room for as many. */
uint64_t address_table_next(const struct address_table *table, uint32_t *at);
/* Adds `count` hashes, which `next` gives. */
void address_table_fill(struct address_table *table, uint32_t count, uint64_t (*next)(void *ctx),
                        void *ctx);

#endif
