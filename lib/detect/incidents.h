/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes room for incidents; merges, ends, withdraws, drops and evicts them.
 * Doesn't know: how they are raised (grouping_match.h).
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        never. When memory is short, incidents_fit leaves the table as large as it is.
 */
#ifndef RELAYWATCH_DETECT_INCIDENTS_H
#define RELAYWATCH_DETECT_INCIDENTS_H

#include "detect/tables.h"

/* Drops the references to the texts it names, and frees its slot. */
void incidents_release(struct detector *d, struct incident *incident);
/* It is open from now on, or read from a snapshot as open. */
void incidents_opened(struct detector *d, const struct incident *incident);
/* Opens one that has ended. */
void incidents_reopen(struct detector *d, struct incident *incident, uint32_t now_s);
/* Ends an open incident: retires its cells, lets sweeps compact them, and calls the listener. */
void incidents_end(struct detector *d, struct incident *incident, uint32_t now_s);
/* The same for one, open or ended, that does not stand any more. */
void incidents_withdraw(struct detector *d, struct incident *incident, uint32_t now_s);
/* Remembers a key that the incident had before, or that was merged into it. */
void incidents_keep_narrower(struct incident *incident, struct intern *key);
/* Moves other's cells and counts to `incident`, then frees `other`. No event: to people it simply
 * continues under the older id. */
void incidents_merge(struct detector *d, struct incident *incident, struct incident *other);
/* Forgets an incident and its cells. */
void incidents_drop(struct detector *d, struct incident *incident);
/* Drops the incident that has been silent longest, ended ones first, and counts it. Returns the
 * freed slot. There must be an incident. */
struct incident *incidents_evict(struct detector *d);
/* A free slot; at the bound incidents_evict frees one. */
struct incident *incidents_take(struct detector *d);
/* Sets the bound, smaller or larger, and evicts what is beyond it. May move incidents. */
void incidents_fit(struct detector *d, uint32_t incident_max);

#endif
