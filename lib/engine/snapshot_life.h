/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads what is remembered of messages while a filter has them.
 * Doesn't know: files.
 * Owns:         nothing; what is read belongs to the lifecycle.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_LIFE_H
#define RELAYWATCH_ENGINE_SNAPSHOT_LIFE_H

#include "engine/snapshot_bytes.h"
#include "life/lifecycle.h"

void write_life(struct writer *w, const struct lifecycle *life);
/* Into a new lifecycle; the hosts must have been read before. False after a failure. */
bool read_life(struct reader *r, struct lifecycle *life);

#endif
