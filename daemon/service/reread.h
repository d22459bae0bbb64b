/* SPDX-License-Identifier: MIT */
/*
 * Does:         judges the log of [source] backfill again when what the settings say of the site
 *               has changed, or the log disproves what was counted: a second source and pipeline
 *               read it beside the first, and take their place once they have come as far.
 * Doesn't know: which incidents that changes (engine/second_reading.h).
 * Owns:         the second source and pipeline until then.
 * Time:         the monotonic clock, to rest between two readings.
 * Fails:        where the log can't be read again, says so, and leaves it at what the first
 *               pipeline holds, which it has judged again itself.
 *
 * Nothing of it is saved but that it is due: after a restart it begins anew.
 */
#ifndef RELAYWATCH_SERVICE_REREAD_H
#define RELAYWATCH_SERVICE_REREAD_H

#include "service/daemon.h"

/* Arranges a reading if one is due. Call it at the start, and after a reload. False if memory is
 * short. */
bool reread_consider(struct daemon *daemon);
/* Stops the one under way: settings or site are about to change. */
void reread_drop(struct daemon *daemon);
void reread_done(struct daemon *daemon);

#endif
