/* SPDX-License-Identifier: MIT */
/*
 * Does:         tallies what varies within a cell: what names the cell is in it once.
 * Doesn't know: totals and windows.
 * Owns:         nothing; the tallies are the cell's.
 * Time:         event time in seconds, of the observation.
 * Fails:        past a tally's bound a name is counted in its `more`.
 *
 * Every tally counts what its kind is about, each once: recipients, notices, a victim's messages.
 */
#ifndef RELAYWATCH_DETECT_CELL_TALLIES_H
#define RELAYWATCH_DETECT_CELL_TALLIES_H

#include "detect/cell_names.h"

void cell_tally(struct detector *d, struct cell *cell, const struct observation *o,
                struct names *n);

#endif
