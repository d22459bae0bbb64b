/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads cells and scopes.
 * Doesn't know: files.
 * Owns:         nothing; what is read belongs to the detector.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_CELLS_H
#define RELAYWATCH_ENGINE_SNAPSHOT_CELLS_H

#include "detect/detector.h"
#include "engine/snapshot_bytes.h"

/* Shared with snapshot_detector.c, since incidents have totals too, and keys counts. */
void write_totals(struct writer *w, const struct totals *t);
void write_counts(struct writer *w, const struct counts *counts, int measures);
void write_cells(struct writer *w, const struct detector *d);

void read_totals(struct reader *r, struct totals *t);
void read_counts(struct reader *r, struct counts *counts, int measures);
/* Into a detector without cells. Afterwards the caller calls cell_index_rebuild. False after
 * a failure; detector_done then releases what was read. */
bool read_cells(struct reader *r, struct detector *d);

#endif
