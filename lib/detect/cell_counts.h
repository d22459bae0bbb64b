/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells what a cell counts of a measure, whether its only evidence is kept as it came
 *               (once.h) or in windows.
 * Doesn't know: thresholds.
 * Owns:         nothing.
 * Time:         event time as buckets, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_CELL_COUNTS_H
#define RELAYWATCH_DETECT_CELL_COUNTS_H

#include "detect/tables.h"

/* Since its run began, whatever the window. */
uint64_t cell_run(const struct cell *cell, int measure);
/* In the window up to that bucket, or in that of a day. */
uint32_t cell_sum(const struct cell *cell, int measure, struct bucket last, bool in_a_day);

#endif
