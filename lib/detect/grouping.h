/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides which cells of a scope make which incident.
 * Doesn't know: what evidence means.
 * Owns:         nothing that outlives a call.
 * Time:         event time in seconds, given.
 * Fails:        when memory is short, nothing changes; the next evidence tries again.
 */
#ifndef RELAYWATCH_DETECT_GROUPING_H
#define RELAYWATCH_DETECT_GROUPING_H

#include "detect/tables.h"

/* Groups the scope's cells, matches the groups with incidents, and calls the listener for those
 * raised, widened or ended. Visits all cells of the scope, and sorts them once per level. */
void grouping_run(struct detector *d, uint32_t scope, uint32_t now_s);
/* The time of the scope's latest evidence; 0 if there is none. */
uint32_t grouping_latest(const struct detector *d, uint32_t scope);
/* grouping_run as of the latest evidence, so that a late call gives what a punctual one would. */
void grouping_run_late(struct detector *d, uint32_t scope, uint32_t now_s);

#endif
