/* SPDX-License-Identifier: MIT */
/*
 * Does:         works out which cells of a scope make which incident.
 * Doesn't know: what evidence means.
 * Owns:         nothing that outlives a call.
 * Time:         event time in seconds, given.
 * Fails:        short of memory, nothing changes; the next evidence tries again.
 */
#ifndef RELAYWATCH_DETECT_GROUPING_H
#define RELAYWATCH_DETECT_GROUPING_H

#include "detect/tables.h"

void grouping_run(struct detector *d, uint32_t scope, uint32_t now_s);
/* When the scope's last evidence was; 0 where there is none. */
uint32_t grouping_latest(const struct detector *d, uint32_t scope);
/* The same as of then: that nobody came by in between must not matter. */
void grouping_run_late(struct detector *d, uint32_t scope, uint32_t now_s);

#endif
