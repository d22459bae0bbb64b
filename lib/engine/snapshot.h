/* SPDX-License-Identifier: MIT */
/*
 * Does:         the whole state of a pipeline to bytes and back: one that is read and fed the rest
 *               of a log ends in the same incidents, counters and events as one that never stopped.
 * Doesn't know: files, checksums, places in a log (state.h keeps those beside it).
 * Owns:         nothing that outlives a call; a pipeline that is read is the caller's.
 * Time:         none of its own: event time is part of what is kept.
 * Fails:        reading refuses, as a whole and with a sentence, what is damaged or of another
 *               version. The bytes may be anybody's: they are never believed, and what is allocated
 *               is in proportion to them.
 *
 * Only between two lines (between two calls on the pipeline). Settings are not in it: thresholds
 * and bounds are those of the reader, and what is beyond smaller bounds is given up and counted.
 * Hosts alone stay, however many are known: everything is numbered by them.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_H
#define RELAYWATCH_ENGINE_SNAPSHOT_H

#include "engine/pipeline.h"
#include "engine/snapshot_bytes.h"

/* A new one with every change of what is written or of what a number in it means. */
enum { SNAPSHOT_VERSION = 4 };

/* 0, -ENOMEM, or what put said. Changes nothing; needs a quarter of a megabyte and three bytes for
 * each sixteen texts. */
int snapshot_write(const struct pipeline *p, snapshot_put *put, void *ctx);

/* A new pipeline; NULL with the reason in why, which has SNAPSHOT_WHY_MAX bytes. options->seed is
 * not used: the snapshot's is. options->site gets the domains that the log had taught, but only
 * when all else was good. */
struct pipeline *snapshot_read(struct span bytes, const struct pipeline_options *options,
                               char *why);

#endif
