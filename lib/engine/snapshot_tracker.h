/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads messages, the lists they are on, and message-ids.
 * Doesn't know: files.
 * Owns:         nothing; what is read belongs to the tracker.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_TRACKER_H
#define RELAYWATCH_ENGINE_SNAPSHOT_TRACKER_H

#include "engine/snapshot_bytes.h"
#include "track/tracker.h"

void write_tracker(struct writer *w, const struct tracker *t);
/* Into a new tracker; the hosts must have been read before. False after a failure. */
bool read_tracker(struct reader *r, struct tracker *t);

#endif
