/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes room in the table of cells: evicts the least worthwhile ones at the bounds
 *               in number and in bytes, and frees those whose time is over.
 * Doesn't know: why room is needed.
 * Owns:         nothing.
 * Time:         event time: minutes since 1970, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_EVICT_H
#define RELAYWATCH_DETECT_EVICT_H

#include "detect/tables.h"

/* Evicts the least worthwhile of a few cells, and counts it. */
void evict_cell(struct detector *d);
/* Makes room for a new cell and, in a large table, for those that follow: a thousandth of it. */
void evict_for_room(struct detector *d);
/* Takes the bounds from the settings. Where the memory is small there may be fewer cells. */
void evict_set_bounds(struct detector *d);
/* What counts towards the bound in bytes: cells with their lists and names, and keys. */
static inline uint64_t evict_bytes(const struct detector *d)
{
    return d->cell_used * sizeof(struct cell) + d->level_size * sizeof(struct key_count) +
           d->key_client_bytes + d->texts->listed;
}
static inline bool evict_is_over(const struct detector *d)
{
    return evict_bytes(d) > d->bytes_max;
}
/* Evicts cells until all fit into the bytes: first those that take more than an even share of them,
 * the largest first. */
void evict_for_bytes(struct detector *d);
/* Frees or merges cells of a host that are no longer needed. Ten minutes cover them all, and the
 * minute alone decides which. */
void evict_sweep(struct detector *d, uint16_t host, uint32_t minute);

#endif
