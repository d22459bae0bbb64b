/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads what is known between a filter's taking a message and its giving
 *               it back.
 * Doesn't know: files.
 * Owns:         what is read is the caller's.
 * Time:         timeless.
 * Fails:        as snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_LIFE_H
#define RELAYWATCH_ENGINE_SNAPSHOT_LIFE_H

#include "engine/snapshot_bytes.h"
#include "life/lifecycle.h"

void write_life(struct writer *w, const struct lifecycle *life);
bool read_life(struct reader *r, struct lifecycle *life);

#endif
