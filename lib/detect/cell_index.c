/* SPDX-License-Identifier: MIT */
#include "detect/cell_index.h"

#include <stdlib.h>

/* An entry holds half of the key next to the cell's number. The slot follows from the same half, so
 * that moving entries reads no cell, and looking one up hardly ever a wrong one: each would be a
 * cache miss. */
static uint64_t index_entry(uint64_t key, uint32_t number)
{
    return (key & ~(uint64_t)UINT32_MAX) | number;
}

/* Of a key or an entry. */
static uint32_t home(const struct detector *d, uint64_t key)
{
    return (uint32_t)(key >> 32) & (d->cell_index_size - 1);
}

static struct cell *indexed(const struct detector *d, uint32_t at)
{
    return &d->cell[(uint32_t)d->cell_index[at] - 1];
}

/* Retired and parked cells stay out: observations must not find them. */
static bool resize(struct detector *d, uint32_t size)
{
    uint64_t *index = calloc(size, sizeof(*index));

    if (!index)
        return false;
    for (uint32_t i = 0; i < d->cell_count; i++) {
        if (!d->cell[i].key || d->cell[i].retired || d->cell[i].parked)
            continue;
        uint32_t at = (uint32_t)(d->cell[i].key >> 32) & (size - 1);
        while (index[at])
            at = (at + 1) & (size - 1);
        index[at] = index_entry(d->cell[i].key, i + 1);
    }
    free(d->cell_index);
    d->cell_index = index;
    d->cell_index_size = size;
    return true;
}

struct cell *cell_index_find(const struct detector *d, uint64_t key)
{
    uint32_t mask = d->cell_index_size - 1;

    for (uint32_t at = home(d, key); d->cell_index[at]; at = (at + 1) & mask)
        if ((d->cell_index[at] ^ key) >> 32 == 0 && indexed(d, at)->key == key)
            return indexed(d, at);
    return NULL;
}

void cell_index_remove(struct detector *d, const struct cell *cell)
{
    uint32_t mask = d->cell_index_size - 1, gap = home(d, cell->key);

    while (d->cell_index[gap] && indexed(d, gap) != cell)
        gap = (gap + 1) & mask;
    if (!d->cell_index[gap])
        return;
    d->cell_found--;
    /* Entries that were pushed past the gap move back into it. */
    for (uint32_t at = (gap + 1) & mask; d->cell_index[at]; at = (at + 1) & mask) {
        if (((at - home(d, d->cell_index[at])) & mask) >= ((at - gap) & mask)) {
            d->cell_index[gap] = d->cell_index[at];
            gap = at;
        }
    }
    d->cell_index[gap] = 0;
}

bool cell_index_reserve(struct detector *d)
{
    return d->cell_found < d->cell_index_size / 2 || resize(d, d->cell_index_size * 2);
}

void cell_index_add(struct detector *d, const struct cell *cell)
{
    uint32_t mask = d->cell_index_size - 1, at = home(d, cell->key);

    while (d->cell_index[at])
        at = (at + 1) & mask;
    d->cell_index[at] = index_entry(cell->key, (uint32_t)(cell - d->cell) + 1);
    d->cell_found++;
}

void cell_index_prefetch(const struct detector *d, uint64_t key)
{
    __builtin_prefetch(&d->cell_index[home(d, key)]);
}

/* Sized for the cells there are now: the snapshot may have read many, a sweep freed many. */
bool cell_index_rebuild(struct detector *d)
{
    uint32_t size = CELLS_MIN * 2;

    while (size / 2 < d->cell_found)
        size *= 2;
    return resize(d, size);
}
