/* SPDX-License-Identifier: MIT */
#include "base/hash_index.h"

#include <assert.h>
#include <stdlib.h>

bool hash_index_init(struct hash_index *index, uint32_t size)
{
    *index = (struct hash_index){.slot = calloc(size, sizeof(*index->slot)), .size = size};
    return index->slot != NULL;
}

void hash_index_done(struct hash_index *index)
{
    free(index->slot);
    *index = (struct hash_index){0};
}

static uint32_t hash_of(uint64_t slot)
{
    return (uint32_t)(slot >> 32);
}

/* There is a free slot. */
static void put(uint64_t *slots, uint32_t size, uint64_t entry)
{
    /* The size is a power of two, so a mask stands for the remainder. */
    uint32_t at = hash_of(entry) & (size - 1);

    while (slots[at])
        at = (at + 1) & (size - 1);
    slots[at] = entry;
}

/* Needs no keys: each slot has the whole hash. */
bool hash_index_resize(struct hash_index *index, uint32_t size)
{
    uint64_t *slots = calloc(size, sizeof(*slots));

    assert(size > index->used && (size & (size - 1)) == 0);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < index->size; i++)
        if (index->slot[i])
            put(slots, size, index->slot[i]);
    free(index->slot);
    index->slot = slots;
    index->size = size;
    return true;
}

bool hash_index_reserve(struct hash_index *index)
{
    return index->used < index->size / 2 || hash_index_resize(index, 2 * index->size) ||
           index->used + 1 < index->size;
}

void hash_index_add(struct hash_index *index, uint32_t hash, uint32_t number)
{
    assert(number && index->used + 1 < index->size);
    put(index->slot, index->size, (uint64_t)hash << 32 | number);
    index->used++;
}

bool hash_index_remove(struct hash_index *index, uint32_t hash, uint32_t number)
{
    uint64_t entry = (uint64_t)hash << 32 | number;
    uint32_t mask = index->size - 1, gap = hash & mask;

    /* A chain ends at a free slot, and there is always one. */
    while (index->slot[gap] && index->slot[gap] != entry)
        gap = (gap + 1) & mask;
    if (!index->slot[gap])
        return false;
    /* Close the gap: move back whatever it pushed on. */
    for (uint32_t at = (gap + 1) & mask; index->slot[at]; at = (at + 1) & mask) {
        uint32_t home = hash_of(index->slot[at]);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            index->slot[gap] = index->slot[at];
            gap = at;
        }
    }
    index->slot[gap] = 0;
    index->used--;
    return true;
}
