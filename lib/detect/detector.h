/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts evidence by key and window, raises, widens, updates and ends incidents.
 * Doesn't know: Postfix, messages, why something is evidence (judge.h).
 * Owns:         cells, incidents, and references to the texts in them. A pointer to an incident is
 *               good until the next call on the detector.
 * Time:         event time in seconds, given.
 * Fails:        at a bound the least recent of a few is evicted and counted; an incident keeps its
 *               totals then, but no longer the share of each.
 *
 * What a cell, a scope, a group and an incident are is in tables.h. An incident holds whole cells.
 * Which cells make which incident is worked out anew from the cells (grouping.c) whenever evidence
 * that no incident holds crosses a threshold, so that it depends on what was seen and not on the
 * order: narrow keys first, then what is left under the wider ones, then folding.
 */
#ifndef RELAYWATCH_DETECT_DETECTOR_H
#define RELAYWATCH_DETECT_DETECTOR_H

#include "detect/tables.h"

bool detector_init(struct detector *d, const struct settings *settings, struct interns *texts,
                   struct hosts *hosts, uint64_t seed);
void detector_done(struct detector *d);

/* Counts it; the cell it went to, or none where it is exempt. */
struct cell_ref detector_observe(struct detector *d, const struct observation *o);
/* Changes of what a cell has counted; a cell that is gone is passed over. */
void detector_status(struct detector *d, struct cell_ref ref, enum status was, enum status is,
                     uint32_t now_s);
void detector_queue(struct detector *d, struct cell_ref ref, int queued, int held);
/* Gives back what nothing can come of any more; once for every minute, as tracker_sweep. */
void detector_sweep(struct detector *d, uint32_t minute);
/* Event time goes on: updates, ends. */
void detector_tick(struct detector *d, uint32_t now_s);
/* When detector_tick has next something to do although nothing is observed: seconds, or
 * UINT32_MAX. */
uint32_t detector_next_tick(const struct detector *d);
/* Before a report: every scope as if a threshold had just been crossed. */
void detector_group(struct detector *d, uint32_t now_s);
/* New thresholds: nothing that is counted is lost. */
void detector_set_settings(struct detector *d, const struct settings *settings);

/* Every incident in the order of its slot; NULL begins and ends. */
const struct incident *detector_next_incident(const struct detector *d,
                                              const struct incident *previous);
/* How many are open. */
uint32_t detector_open(const struct detector *d);
/* It was alerted, with that many recipients and notices: an update tells what came since. */
void detector_alerted(struct detector *d, const struct incident *incident, uint64_t recipients);

/* The incident that holds a cell, or NULL. */
const struct incident *detector_incident_of(const struct detector *d, struct cell_ref ref);
/* To smaller bounds: gives up what is beyond them, counted. */
void detector_fit(struct detector *d, uint32_t cell_max, uint32_t incident_max);

#endif
