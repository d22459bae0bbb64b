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

#endif
