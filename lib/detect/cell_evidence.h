/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds a piece of evidence to the rest of its cell: windows, lists, samples.
 * Doesn't know: totals, wider keys and thresholds being crossed.
 * Owns:         nothing; it is the cell's.
 * Time:         event time in seconds, of the observation.
 * Fails:        a measure that there is no memory for is left out, and counted.
 */
#ifndef RELAYWATCH_DETECT_CELL_EVIDENCE_H
#define RELAYWATCH_DETECT_CELL_EVIDENCE_H

#include "detect/cell_names.h"
#include "detect/thresholds.h"

/* What the observation adds in each measure of a cell, and of its keys. */
struct added evidence_measures(const struct observation *o, const struct cell *cell);
/* Late evidence counts in the bucket of its own time, if the window still has that. */
void evidence_add_measures(struct detector *d, struct cell *cell, const struct thresholds *th,
                           const struct added *add, uint32_t at_s);
/* The whole of it. */
void evidence_add(struct detector *d, struct cell *cell, const struct observation *o,
                  struct names *n, const struct added *add);

#endif
