/* SPDX-License-Identifier: MIT */
/*
 * Does:         moves event time forward. Everything happens in order, at the second it is due,
 *               whether a clock ticks or only the next line arrives hours later.
 * Doesn't know: lines.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_TIME_H
#define RELAYWATCH_ENGINE_PIPELINE_TIME_H

#include "engine/stages.h"

/* Moves event time to now_s, and does everything that is due by then. */
void pipeline_go_on(struct pipeline *p, uint32_t now_s);
/* When something visible is next due, in seconds; UINT32_MAX if nothing is. Sweeps are not visible:
 * they only free memory. */
uint32_t pipeline_next_due(const struct pipeline *p);

/* The second of a line's time; the latest event time if it has none. */
uint32_t pipeline_event_time(const struct pipeline *p, wall_us when);
/* True if it is more than a day after everything read so far. */
bool pipeline_is_far_ahead(const struct pipeline *p, uint32_t at_s);

/* True if a line written at at_s confirms the time of the line held back. */
bool pipeline_confirms_kept(const struct pipeline *p, uint32_t at_s);

/* Takes back evidence that does not count by what is known of the site now, and incidents that rest
 * on nothing else. */
void pipeline_judge_again(struct pipeline *p);
/* The same if the site has changed. It is due every minute, and at the end. */
void pipeline_judge_changed(struct pipeline *p);

#endif
