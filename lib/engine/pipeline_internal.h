/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the pipeline's files ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in pipeline.h.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_INTERNAL_H
#define RELAYWATCH_ENGINE_PIPELINE_INTERNAL_H

#include "engine/pipeline.h"

/* Event time is now_s: all that is due by then. */
void pipeline_go_on(struct pipeline *p, uint32_t now_s);
/* When something is due that shows, seconds; UINT32_MAX: nothing is. */
uint32_t pipeline_next_due(const struct pipeline *p);

#endif
