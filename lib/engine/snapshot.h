/* SPDX-License-Identifier: MIT */
/*
 * Does:         turns the whole state of a pipeline into bytes and back. A restored pipeline, fed
 *               the rest of a log, ends with the same incidents, counters and events as one that
 *               never stopped.
 * Doesn't know: files, checksums, positions in a log (state.h keeps those).
 * Owns:         nothing that outlives a call; the caller owns a restored pipeline.
 * Time:         none of its own: event time is part of the state.
 * Fails:        reading refuses damaged bytes and other versions, as a whole and with a reason. The
 *               bytes may come from anybody: they are never trusted, and allocations are in
 *               proportion to them.
 *
 * A snapshot is taken between two calls on the pipeline. It holds no settings: the reader's
 * thresholds and bounds apply, and what is beyond smaller bounds is evicted and counted. Only hosts
 * all stay, however many there are, because everything refers to them by number.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_H
#define RELAYWATCH_ENGINE_SNAPSHOT_H

#include "engine/pipeline.h"
#include "engine/snapshot_bytes.h"

/* A new one with every change of what is written or of what a number in it means. */
enum { SNAPSHOT_VERSION = 31 };

/* Returns 0, -ENOMEM, or put's negative result. Leaves the pipeline unchanged. Needs a quarter of a
 * megabyte, and three bytes for every sixteen slots in the table of texts. */
int snapshot_write(const struct pipeline *p, snapshot_put *put, void *ctx);

/* Returns a new pipeline; or NULL, with the reason in why, which has SNAPSHOT_WHY_MAX bytes. The
 * seed is the snapshot's; options->seed is ignored. options->site gets the domains learned from the
 * log, but only if everything else was valid. */
struct pipeline *snapshot_read(struct span bytes, const struct pipeline_options *options,
                               char *why);

#endif
