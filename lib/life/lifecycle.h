/* SPDX-License-Identifier: MIT */
/*
 * Does:         applies each kind of record to the message it is about, and has messages judged
 *               when their wait is over.
 * Doesn't know: syslog, kinds of incident, thresholds.
 * Owns:         the texts in `proxied`, until lifecycle_done; works on a borrowed tracker.
 * Time:         event time in seconds, given with each record.
 * Fails:        never; logs are incomplete, so a record that fits no message is ignored.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_H
#define RELAYWATCH_LIFE_LIFECYCLE_H

#include "life/lifecycle_core.h"

/* Releases the texts it holds. */
void lifecycle_done(struct lifecycle *life);

/* rec->type must be RECORD_NOTE or later. */
void lifecycle_apply(struct lifecycle *life, uint16_t source, const struct record *rec,
                     uint32_t now_s);
/* A record of any type that reports a refusal, which shows whose the domain is. */
void lifecycle_refused(struct lifecycle *life, const struct record *rec);
/* A host's event time has advanced: judges what has waited long enough there. */
void lifecycle_tick(struct lifecycle *life, uint16_t host, uint32_t now_s);
/* The log has ended: judges everything that still waits on that host, whose time is now_s. */
void lifecycle_finish(struct lifecycle *life, uint16_t host, uint32_t now_s);

#endif
