/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads cells and scopes.
 * Doesn't know: files.
 * Owns:         what is read is the caller's.
 * Time:         timeless.
 * Fails:        as snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_CELLS_H
#define RELAYWATCH_ENGINE_SNAPSHOT_CELLS_H

#include "detect/detector.h"
#include "engine/snapshot_bytes.h"

void write_totals(struct writer *w, const struct totals *t);
void write_cells(struct writer *w, const struct detector *d);

void read_totals(struct reader *r, struct totals *t);
bool read_cells(struct reader *r, struct detector *d);

#endif
