/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds cells by their key.
 * Doesn't know: what a key is made of. Retired and parked cells are not in it: no observation may
 *               find them.
 * Owns:         nothing; the table is part of struct detector.
 * Time:         timeless.
 * Fails:        cell_index_reserve and cell_index_rebuild return false when memory is short, and
 *               leave the table as it is.
 */
#ifndef RELAYWATCH_DETECT_CELL_INDEX_H
#define RELAYWATCH_DETECT_CELL_INDEX_H

#include "detect/tables.h"

/* The cell, or NULL. */
struct cell *cell_index_find(const struct detector *d, uint64_t key);
/* Prefetches what cell_index_find will read. */
void cell_index_prefetch(const struct detector *d, uint64_t key);
/* Makes room for one more. */
bool cell_index_reserve(struct detector *d);
/* Room must have been made, and no cell with that key be in it. */
void cell_index_add(struct detector *d, const struct cell *cell);
void cell_index_remove(struct detector *d, const struct cell *cell);
/* Builds it anew from the cells, with room for those there are. */
bool cell_index_rebuild(struct detector *d);

#endif
