/* SPDX-License-Identifier: MIT */
/*
 * Does:         ends, drops and evicts incidents.
 * Doesn't know: how they are raised (grouping_match.h).
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_INCIDENTS_H
#define RELAYWATCH_DETECT_INCIDENTS_H

#include "detect/tables.h"

/* Gives back the texts it names. */
void incidents_release(struct detector *d, struct incident *incident);
/* It is over, and is compacted from now on; whoever listens is told. */
void incidents_end(struct detector *d, struct incident *incident, uint32_t now_s);
/* Forgets an incident and its cells. */
void incidents_drop(struct detector *d, struct incident *incident);
/* Drops the one that has been over, or silent, longest, counted; its slot, which is free now. */
struct incident *incidents_evict(struct detector *d);
/* To a smaller or larger bound: evicts what is beyond it. */
void incidents_fit(struct detector *d, uint32_t incident_max);

#endif
