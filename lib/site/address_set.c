/* SPDX-License-Identifier: MIT */
#include "site/address_set.h"

#include <stdlib.h>

enum { TABLE_MIN = 256 };

static void put(struct address_table *table, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & (table->size - 1);

    while (table->slot[i])
        i = (i + 1) & (table->size - 1);
    table->slot[i] = hash;
    table->count++;
}

/* At most half of a table is full. */
static bool make_room(struct address_table *table, uint32_t count)
{
    struct address_table wider = {.size = table->size ? table->size : TABLE_MIN};

    if (count <= table->size / 2)
        return true;
    while (count > wider.size / 2)
        wider.size *= 2;
    wider.slot = calloc(wider.size, sizeof(*wider.slot));
    if (!wider.slot)
        return false;
    for (uint32_t i = 0; i < table->size; i++)
        if (table->slot[i])
            put(&wider, table->slot[i]);
    free(table->slot);
    *table = wider;
    return true;
}

void address_set_add(struct address_set *set, uint64_t hash)
{
    struct address_table *table = &set->table[0];

    if (!hash || address_table_has(table, hash))
        return;
    if (table->count >= set->max) {
        free(set->table[1].slot);
        set->table[1] = *table;
        *table = (struct address_table){0};
        set->incomplete = true;
    }
    if (make_room(table, table->count + 1))
        put(table, hash);
    else
        set->incomplete = true;
}

void address_set_done(struct address_set *set)
{
    free(set->table[0].slot);
    free(set->table[1].slot);
    *set = (struct address_set){.max = set->max};
}

/* Behind a free slot, so that no run of slots in use is cut in two. */
uint64_t address_table_next(const struct address_table *table, uint32_t *at)
{
    uint32_t first = 0, mask = table->size - 1;

    while (table->size && table->slot[first])
        first++;
    while (*at < table->size) {
        uint64_t hash = table->slot[(first + (*at)++) & mask];
        if (hash)
            return hash;
    }
    return 0;
}

void address_table_fill(struct address_table *table, uint32_t count, uint64_t (*next)(void *ctx),
                        void *ctx)
{
    bool room = make_room(table, table->count + count);

    while (count--) {
        uint64_t hash = next(ctx);
        if (room && hash && !address_table_has(table, hash))
            put(table, hash);
    }
}
