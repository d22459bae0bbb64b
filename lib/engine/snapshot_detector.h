/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads the detector: counts by key and incidents here, cells through
 *               snapshot_cells.h.
 * Doesn't know: files.
 * Owns:         nothing; what is read belongs to the detector.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_DETECTOR_H
#define RELAYWATCH_ENGINE_SNAPSHOT_DETECTOR_H

#include "detect/detector.h"
#include "engine/snapshot_bytes.h"

void write_detector(struct writer *w, const struct detector *d);
/* Into a new detector; the hosts must have been read before. False after a failure. */
bool read_detector(struct reader *r, struct detector *d);

#endif
