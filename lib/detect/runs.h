/* SPDX-License-Identifier: MIT */
/*
 * Does:         ends a cell's run of evidence and begins the next, in a cell of its own.
 * Doesn't know: thresholds.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        runs_begin returns NULL when memory is short.
 *
 * An incident tells of one run: what a login sent in the morning is no part of the attack at
 * night. A slow attack, which crosses a threshold in a day only, is made of several. So the earlier
 * runs of a day stay, parked, and the last of them takes in those before it.
 */
#ifndef RELAYWATCH_DETECT_RUNS_H
#define RELAYWATCH_DETECT_RUNS_H

#include "detect/cell_names.h"

enum { RUN_MAX_S = 43200 }; /* a run that goes on for longer is cut */

/* Whether new evidence begins a new run: after window_s of silence, or when the run has gone on for
 * long. A cell of an incident has one run. */
bool runs_is_over(const struct cell *cell, uint32_t window_s, uint32_t horizon_s, uint32_t at_s);
/* Parks the cell, unless nothing of it can count after horizon_s any more; then it is used again.
 * Returns the cell of the new run. May move and evict other cells. */
struct cell *runs_begin(struct detector *d, struct cell *cell, uint64_t key,
                        const struct observation *o, struct names *n, uint32_t horizon_s);

#endif
