/* SPDX-License-Identifier: MIT */
/*
 * Does:         what happens to a host's incidents as its time goes on: they are grouped again,
 *               updated and ended.
 * Doesn't know: clocks, how evidence is counted.
 * Owns:         nothing.
 * Time:         event time in seconds, given, by the host's own clock.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_TICKS_H
#define RELAYWATCH_DETECT_TICKS_H

#include "detect/tables.h"

/* True if ticks and sweeps of that host have nothing to look at. */
bool detector_is_idle(const struct detector *d, uint16_t host);
/* Moves a host's event time forward: incidents are updated and ended when due. Call it for each
 * second once, at most. */
void detector_tick(struct detector *d, uint16_t host, uint32_t now_s);
/* When detector_tick next has something to do if no evidence comes: seconds, or UINT32_MAX. It may
 * lie in the past: something is overdue. */
uint32_t detector_next_tick(const struct detector *d, uint16_t host);
/* That cell has new evidence, and its host open incidents: something may be due sooner. */
void ticks_expect(struct detector *d, const struct cell *cell);

#endif
