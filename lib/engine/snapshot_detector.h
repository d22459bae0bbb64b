/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads the detector: counts by key, incidents, and by snapshot_cells the
 *               cells.
 * Doesn't know: files.
 * Owns:         what is read is the caller's.
 * Time:         timeless.
 * Fails:        as snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_DETECTOR_H
#define RELAYWATCH_ENGINE_SNAPSHOT_DETECTOR_H

#include "detect/detector.h"
#include "engine/snapshot_bytes.h"

void write_detector(struct writer *w, const struct detector *d);
bool read_detector(struct reader *r, struct detector *d);

#endif
