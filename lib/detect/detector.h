/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts evidence by key and window; raises, widens, updates and ends incidents.
 * Doesn't know: Postfix, messages, why something is evidence (judge.h).
 * Owns:         cells, incidents, and the references to texts in them; settings, texts and hosts
 *               are borrowed. A pointer to an incident is valid until the next call that changes
 *               the detector.
 * Time:         event time in seconds, given, by the clock of the evidence's host.
 * Fails:        at a bound, the least worthwhile of a few cells, or the oldest incident, is evicted
 *               and counted. An incident keeps the totals of an evicted cell, but may lose the
 *               names in it. When memory is short, evidence is lost.
 *
 * tables.h defines the terms: cell, scope, group, incident. When evidence that no incident holds
 * crosses a threshold, its whole scope is grouped anew from the cells (grouping.c). The result
 * therefore depends on what was seen, not on the order.
 */
#ifndef RELAYWATCH_DETECT_DETECTOR_H
#define RELAYWATCH_DETECT_DETECTOR_H

#include "detect/tables.h"

/* False when memory is short. Set on_event afterwards to be called with each event. */
bool detector_init(struct detector *d, const struct settings *settings, struct interns *texts,
                   struct hosts *hosts, uint64_t seed);
void detector_done(struct detector *d);

/* A host of a fleet that is further apart from the others has the wrong time: its evidence counts
 * at the fleet's. */
enum { FLEET_APART_S = 300 };
uint32_t detector_time(const struct detector *d, uint16_t host, uint32_t at_s);

/* Prefetches what detector_observe will read, while the caller reads tables of its own. */
void detector_prefetch(struct detector *d, struct observation *o);
/* Counts a piece of evidence and may raise or widen incidents. Returns the cell that counted it, or
 * none if the evidence is exempt or memory is short. */
struct cell_ref detector_observe(struct detector *d, const struct observation *o);
/* A recipient counted in that cell has another status now. Ignored if the cell is gone. */
void detector_status(struct detector *d, struct cell_ref ref, enum status was, enum status is,
                     uint32_t now_s);
/* So many of the undecided recipients that it counted at that time have been named since. */
void detector_named(struct detector *d, struct cell_ref ref, uint32_t n, uint32_t at_s);
/* A notice about mail that it counted was written. */
void detector_notice(struct detector *d, struct cell_ref ref);
/* Adds to (or subtracts from) the cell's messages in the queue and on hold. Ignored likewise. */
void detector_queue(struct detector *d, struct cell_ref ref, int queued, int held);
/* Frees what can no longer matter on a host. Call it once for every minute, like tracker_sweep. */
void detector_sweep(struct detector *d, uint16_t host, uint32_t minute);
/* Groups every scope that has new evidence, each as of its host's time; for a report. */
void detector_group(struct detector *d);
/* Replaces the settings. All counts stay; scopes are grouped by the new ones when next due. */
void detector_set_settings(struct detector *d, const struct settings *settings);

/* Iterates over the incidents in slot order: start with NULL, which also marks the end. */
const struct incident *detector_next_incident(const struct detector *d,
                                              const struct incident *previous);
/* The numbers of cells, of incidents, of those that are open, and of those that a person has closed
 * but that go on. */
uint32_t detector_cells(const struct detector *d);
uint32_t detector_incidents(const struct detector *d);
uint32_t detector_open(const struct detector *d);
uint32_t detector_closed(const struct detector *d);
/* The incident's slot, below [limits] incidents. It stays the same while the incident exists. */
uint32_t detector_slot(const struct detector *d, const struct incident *incident);
/* Sums what incidents count, a step at a time: adds the next `cells` cells from *at on to
 * totals[slot of their incident], and what each incident keeps of evicted cells after the last of
 * them. totals has `room` entries, zeroed at first; *at is 0 at first. False once all is added. */
bool detector_sum_totals(const struct detector *d, uint32_t *at, uint32_t cells,
                         struct totals *totals, uint32_t room);
/* Notes that an alert went out, with this many recipients and notices. The next update reports what
 * came since. */
void detector_alerted(struct detector *d, const struct incident *incident, uint64_t recipients);

/* The incident that holds a cell, or NULL. */
const struct incident *detector_incident_of(const struct detector *d, struct cell_ref ref);
/* Applies the bounds of the settings: evicts what is beyond them, counted. */
void detector_fit(struct detector *d);

#endif
