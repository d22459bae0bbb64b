/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes room in the table of cells: evicts the least worthwhile ones at the bound,
 *               and frees those whose time is over.
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
/* Frees or merges cells of a host that are no longer needed. Ten minutes cover them all, and the
 * minute alone decides which. */
void evict_sweep(struct detector *d, uint16_t host, uint32_t minute);

#endif
