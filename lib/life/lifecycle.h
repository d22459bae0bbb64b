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
#include "parse/record_hash.h"

/* Of a zeroed lifecycle; its tables are large, and take no memory until they are written to. False
 * when memory is short. */
bool lifecycle_init(struct lifecycle *life, struct tracker *tracker, struct site *site,
                    struct judge *judge);
/* Releases the texts and links it holds. */
void lifecycle_done(struct lifecycle *life);

/* rec->type must be RECORD_NOTE or later. text_hash: record_hash's, under the tracker's seed. */
void lifecycle_apply(struct lifecycle *life, uint16_t source, const struct record *rec,
                     uint64_t text_hash, uint32_t now_s);

/* Of a record that has a text: prefetches where it is looked up; lifecycle_prefetch, a little
 * later, what stands there. */
void lifecycle_prefetch_slot(const struct lifecycle *life, uint16_t source,
                             const struct record *rec, const struct record_hash *hash);
void lifecycle_prefetch(const struct lifecycle *life, uint16_t source, const struct record *rec,
                        const struct record_hash *hash);
/* When the message itself has been fetched: what the record will need beside it. */
void lifecycle_prefetch_more(const struct lifecycle *life, const struct record *rec,
                             uint32_t id_hash);
/* A record of any type that reports a refusal, which shows whose the domain is. */
void lifecycle_refused(struct lifecycle *life, const struct record *rec);
/* A host's event time has advanced: judges what has waited long enough there. */
void lifecycle_tick(struct lifecycle *life, uint16_t host, uint32_t now_s);
/* The log has ended: judges everything that still waits on that host, whose time is now_s. */
void lifecycle_finish(struct lifecycle *life, uint16_t host, uint32_t now_s);

#endif
