/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the number of an entry by its hash: open addressing, eight bytes a slot.
 * Doesn't know: the entries. The caller keeps them, numbers them from 1, and compares their keys.
 * Owns:         its slots, until hash_index_done.
 * Time:         timeless.
 * Fails:        hash_index_reserve and hash_index_resize return false when memory is short; the
 *               index is unchanged.
 *
 *     uint32_t number, at = hash;
 *     while ((number = hash_index_next(&index, hash, &at)) != 0)
 *         if (is_same_key(&entries[number - 1], key))
 *             return &entries[number - 1];
 */
#ifndef RELAYWATCH_BASE_HASH_INDEX_H
#define RELAYWATCH_BASE_HASH_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct hash_index {
    uint64_t *slot; /* hash << 32 | number; 0 is free */
    uint32_t size;  /* slots: a power of two, never all of them in use */
    uint32_t used;
};

/* size is a power of two. */
bool hash_index_init(struct hash_index *index, uint32_t size);
void hash_index_done(struct hash_index *index);

/* size is a power of two, more than `used`. */
bool hash_index_resize(struct hash_index *index, uint32_t size);
/* Makes room for one more: doubles an index that is half full, so that chains stay short. If memory
 * is short, true as long as a free slot would remain. */
bool hash_index_reserve(struct hash_index *index);

/* Call hash_index_reserve first. number is not 0 and not in the index. */
void hash_index_add(struct hash_index *index, uint32_t hash, uint32_t number);
/* False if the number is not there with that hash. */
bool hash_index_remove(struct hash_index *index, uint32_t hash, uint32_t number);

/* The next number with that hash, or 0. Start with *at = hash. All 32 bits are compared, so that
 * callers hardly ever look at a wrong entry, which would cost a cache miss. */
static inline uint32_t hash_index_next(const struct hash_index *index, uint32_t hash, uint32_t *at)
{
    uint32_t mask = index->size - 1;
    uint64_t slot;

    while ((slot = index->slot[*at & mask]) != 0) {
        ++*at;
        if (slot >> 32 == hash)
            return (uint32_t)slot;
    }
    return 0;
}

/* Prefetches the slot that hash_index_next reads first. */
static inline void hash_index_prefetch(const struct hash_index *index, uint32_t hash)
{
    __builtin_prefetch(&index->slot[hash & (index->size - 1)]);
}

#endif
