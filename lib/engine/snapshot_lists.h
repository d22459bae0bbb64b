/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads the lists of a cell: tallies of names.
 * Doesn't know: cells.
 * Owns:         nothing; what is read is the cell's.
 * Time:         timeless.
 * Fails:        reading fails on an impossible list, or when memory is short.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_LISTS_H
#define RELAYWATCH_ENGINE_SNAPSHOT_LISTS_H

#include "detect/tables.h"
#include "engine/snapshot_bytes.h"

void write_tally(struct writer *w, const struct tally *tally);
void read_tally(struct reader *r, struct tally *tally);
void write_lists(struct writer *w, const struct lists *lists);
/* The cell has the rest, and no lists yet. */
void read_lists(struct reader *r, struct cell *cell);

#endif
