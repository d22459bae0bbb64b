/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes room: frees what is least worth keeping at the bound, and what is over with
 *               time.
 * Doesn't know: why a cell is asked for.
 * Owns:         nothing.
 * Time:         event time: minutes since 1970, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_EVICT_H
#define RELAYWATCH_DETECT_EVICT_H

#include "detect/tables.h"

/* Frees the cell least worth keeping among a few; counted. */
void evict_cell(struct detector *d);
/* Frees what nothing can come of any more, a tenth of the table each minute. */
void evict_sweep(struct detector *d, uint32_t minute);

#endif
