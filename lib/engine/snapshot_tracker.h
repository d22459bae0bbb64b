/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads messages, their lists and message-ids.
 * Doesn't know: files.
 * Owns:         what is read is the caller's.
 * Time:         timeless.
 * Fails:        as snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_TRACKER_H
#define RELAYWATCH_ENGINE_SNAPSHOT_TRACKER_H

#include "engine/snapshot_bytes.h"
#include "track/tracker.h"

void write_tracker(struct writer *w, const struct tracker *t);
bool read_tracker(struct reader *r, struct tracker *t);

#endif
