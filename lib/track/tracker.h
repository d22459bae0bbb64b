/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds messages by (source, queue ID), makes and forgets them, keeps their
 *               recipients, the list of those that wait for their origin and of those that are
 *               finished.
 * Doesn't know: records, sites, what a message means.
 * Owns:         every struct message and the texts it refers to. A pointer to one is good until the
 *               next call that may forget messages: tracker_add, tracker_forget, tracker_sweep.
 * Time:         event time in seconds, given.
 * Fails:        at the bound the message that has been silent longest among a few is evicted, and
 *               counted; only when memory is short does tracker_add return NULL.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_H
#define RELAYWATCH_TRACK_TRACKER_H

#include "base/hash.h"
#include "track/hosts.h"
#include "track/tracker_state.h"

bool tracker_init(struct tracker *t, const struct tracker_limits *limits, struct interns *texts,
                  const struct hosts *hosts, uint64_t seed);
void tracker_done(struct tracker *t);

/* Messages that have not left the queue. */
static inline uint32_t tracker_in_flight(const struct tracker *t)
{
    return t->count - t->gone;
}

static inline uint32_t tracker_hash(const struct tracker *t, uint16_t source, struct queue_id id)
{
    uint64_t h = hash_mix(id.lo ^ t->seed, HASH_ODD_1 ^ id.hi);

    return (uint32_t)hash_mix(h ^ hosts_host(source), HASH_ODD_2);
}
/* Asks the processor for the lines that tracker_find will read. */
void tracker_prefetch_index(const struct tracker *t, uint32_t hash);
void tracker_prefetch_message(const struct tracker *t, uint32_t hash);

/* The message of that ID and source, or else one that may be in the same queue; NULL where there is
 * none. */
struct message *tracker_find(struct tracker *t, uint16_t source, struct queue_id id);
/* A new message; tracker_find must have found none. */
struct message *tracker_add(struct tracker *t, uint16_t source, struct queue_id id, uint32_t now_s);
void tracker_forget(struct tracker *t, struct message *m);
/* NULL where it is gone since. */
struct message *tracker_deref(struct tracker *t, struct message_ref ref);
static inline struct message_ref tracker_ref(const struct message *m)
{
    return (struct message_ref){m->slot, m->serial};
}

/* The recipient of that hash, or NULL. */
struct recipient *tracker_recipient(struct message *m, uint32_t hash);
/* A new one; NULL beyond limits.recipients, counted. */
struct recipient *tracker_add_recipient(struct tracker *t, struct message *m, uint32_t hash);

/* The message-id's text, for as long as the ring holds it (about 4,000 messages), else empty. */
uint32_t tracker_id_hash(const struct tracker *t, struct span text); /* never 0 */
void tracker_set_message_id(struct tracker *t, struct message *m, struct span text);
struct span tracker_message_id(const struct tracker *t, const struct message *m);

/* Visits the messages in the next `slots` slots from *cursor on, which begins at 0; false when
 * there are no more. The visitor must not add or forget; between two calls messages may come and
 * go. */
typedef void tracker_visit(void *ctx, struct message *m);
bool tracker_walk(const struct tracker *t, uint32_t *cursor, uint32_t slots, tracker_visit *visit,
                  void *ctx);
/* All of them at once. */
void tracker_each(const struct tracker *t, tracker_visit *visit, void *ctx);

/* --- for the lists and the snapshot --- */

/* Gives up the one that has been silent longest among a few. */
void tracker_evict(struct tracker *t);
/* One more chunk at the end, empty, or none in its place; false when memory is short. */
bool tracker_add_chunk(struct tracker *t, bool there);
/* Makes the index anew from the messages that are there. */
bool tracker_index_all(struct tracker *t);

#endif
