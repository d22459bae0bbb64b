/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds messages by (source, queue ID), adds and forgets them, and keeps their
 *               recipients and message-ids.
 * Doesn't know: records, sites, what a message means.
 * Owns:         every struct message and the references in it. A pointer to a message is valid
 *               until a call that may forget messages: tracker_add, _forget, _evict, and those in
 *               tracker_lists.h.
 * Time:         event time in seconds, given.
 * Fails:        at the bound, the most silent of a few messages is evicted and counted. tracker_add
 *               returns NULL only when memory is short. Whoever adds recipients and texts looks at
 *               tracker_is_over from time to time.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_H
#define RELAYWATCH_TRACK_TRACKER_H

#include "base/hash.h"
#include "track/hosts.h"
#include "track/tracker_state.h"

/* False when memory is short. texts is borrowed until tracker_done. */
bool tracker_init(struct tracker *t, const struct tracker_limits *limits, struct interns *texts,
                  struct hosts *hosts, uint64_t seed);
void tracker_done(struct tracker *t);

/* The number of messages that have not left the queue. */
static inline uint32_t tracker_in_flight(const struct tracker *t)
{
    return t->count - t->gone;
}

static inline uint32_t tracker_hash(const struct tracker *t, uint16_t source, struct queue_id id)
{
    uint64_t h = hash_mix(id.lo ^ t->seed, HASH_ODD_1 ^ id.hi);

    return (uint32_t)hash_mix(h ^ hosts_host(source), HASH_ODD_2);
}
/* Prefetch the cache lines that tracker_find will read: first the index, a while later the
 * message. */
void tracker_prefetch_index(const struct tracker *t, uint32_t hash);
void tracker_prefetch_message(const struct tracker *t, uint32_t hash);
/* The message that tracker_find will most likely find; NULL where there is none. Only to prefetch
 * what it refers to. */
const struct message *tracker_peek(const struct tracker *t, uint32_t hash);

/* The message of that ID and source, or else one that may be in the same queue; NULL where there is
 * none. */
struct message *tracker_find(struct tracker *t, uint16_t source, struct queue_id id);
/* Iterates over the host's messages with that ID, in any queue and in no order. *at is 0 at first;
 * NULL marks the end. */
struct message *tracker_find_all(struct tracker *t, uint16_t source, struct queue_id id,
                                 uint32_t *at);
/* A new message; tracker_find must have found none. */
struct message *tracker_add(struct tracker *t, uint16_t source, struct queue_id id, uint32_t now_s);
/* Calls t->forgotten, drops the message's references and frees its slot. */
void tracker_forget(struct tracker *t, struct message *m);
/* The message, or NULL if it was forgotten. */
struct message *tracker_deref(struct tracker *t, struct message_ref ref);
static inline struct message_ref tracker_ref(const struct message *m)
{
    return (struct message_ref){m->slot, m->serial};
}

/* The recipient with this hash, or NULL. Valid until the next one is added to the message. */
struct recipient *tracker_recipient(struct message *m, uint64_t hash);
/* Adds a recipient. NULL, and counted, beyond limits.recipients or when memory is short. */
struct recipient *tracker_add_recipient(struct tracker *t, struct message *m, uint64_t hash);

/* Visits the messages in the next `slots` slots from *cursor on, which begins at 0; false when
 * there are no more. The visitor must not add or forget; between two calls messages may come and
 * go. */
typedef void tracker_visit(void *ctx, struct message *m);
bool tracker_walk(const struct tracker *t, uint32_t *cursor, uint32_t slots, tracker_visit *visit,
                  void *ctx);
/* Visits all messages. */
void tracker_each(const struct tracker *t, tracker_visit *visit, void *ctx);

/* --- for the lists and the snapshot --- */

/* Forgets the most silent of a few messages, and counts it. */
void tracker_evict(struct tracker *t);
/* The slot of the next message at or after the hand, going round; 0 if there is none. */
uint32_t tracker_next_live(struct tracker *t);
/* Rebuilds the index from the live messages. False when memory is short. */
bool tracker_index_all(struct tracker *t);

#endif
