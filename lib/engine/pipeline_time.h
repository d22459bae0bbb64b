/* SPDX-License-Identifier: MIT */
/*
 * Does:         lets event time go on: everything happens at the second it is due, one thing after
 *               the other, whether a clock comes by or only the next line, hours later.
 * Doesn't know: lines.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_TIME_H
#define RELAYWATCH_ENGINE_PIPELINE_TIME_H

#include "engine/stages.h"

/* Event time is now_s: all that is due by then. */
void pipeline_go_on(struct pipeline *p, uint32_t now_s);
/* When something is due that shows, seconds; UINT32_MAX: nothing is. */
uint32_t pipeline_next_due(const struct pipeline *p);

/* The second a line is of; the latest that is known where it has none. */
uint32_t pipeline_event_time(const struct pipeline *p, wall_us when);
/* More than a day after all that was read. */
bool pipeline_is_far_ahead(const struct pipeline *p, uint32_t at_s);

#endif
