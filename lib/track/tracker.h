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

#include "track/message.h"

struct tracker_limits {
    uint32_t messages;   /* in flight and finished together */
    uint32_t finished;   /* finished ones kept for late links; an eighth of it without children */
    uint32_t finished_s; /* and for how long, seconds */
    uint32_t grace_s;    /* how long one without origin waits */
    uint32_t age_s;      /* silent for so long: forgotten */
    uint32_t unqueued_s; /* the same where it never got into the queue */
    uint32_t recipients; /* remembered one by one in a message */
};

struct tracker_counters {
    uint64_t evicted;         /* at the bound */
    uint64_t expired;         /* silent too long */
    uint64_t recipients_over; /* beyond limits.recipients: counted, not remembered */
};

struct fifo_entry {
    struct message_ref ref;
    uint32_t due_s;
};

/* First in, first out; grows as needed. */
struct fifo {
    struct fifo_entry *entry;
    uint32_t room, head, count;
};

struct message_chunk;

struct tracker {
    struct tracker_limits limits;
    struct tracker_counters counters;
    struct interns *texts; /* borrowed */
    uint64_t seed;
    uint64_t *index; /* hash << 32 | slot; open addressing; 0 is empty */
    uint32_t index_size;
    struct message_chunk **chunk;
    struct message_chunk *spare;          /* the last one that came free, or NULL */
    uint32_t chunk_count, chunk_free;     /* chunk_free: no chunk below it has room */
    uint32_t count;                       /* messages */
    uint32_t gone;                        /* of them, in state MESSAGE_GONE */
    uint32_t serial;                      /* of the next message */
    uint32_t hand;                        /* where an eviction looks next */
    struct fifo waiting, finished, brief; /* brief: finished ones that nothing came of */
    char *ids;                            /* ring of message-id texts */
    uint64_t ids_at;
    /* Called before a message is forgotten for good. */
    void (*forgotten)(void *ctx, struct message *m);
    void *ctx;
};

bool tracker_init(struct tracker *t, const struct tracker_limits *limits, struct interns *texts,
                  uint64_t seed);
void tracker_done(struct tracker *t);

/* Messages that have not left the queue. */
static inline uint32_t tracker_in_flight(const struct tracker *t)
{
    return t->count - t->gone;
}

static inline uint32_t tracker_hash(const struct tracker *t, uint16_t source, struct queue_id id);
/* Asks the processor for the lines that tracker_find will read. */
void tracker_prefetch_index(const struct tracker *t, uint32_t hash);
void tracker_prefetch_message(const struct tracker *t, uint32_t hash);

/* NULL where there is none. */
struct message *tracker_find(struct tracker *t, uint16_t source, struct queue_id id);
/* A new message; there must be none of that key. */
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

/* Visits the messages in the next `slots` slots from *cursor on, which begins at 0; false when there
 * are no more. The visitor must not add or forget; between two calls messages may come and go. */
typedef void tracker_visit(void *ctx, struct message *m);
bool tracker_walk(const struct tracker *t, uint32_t *cursor, uint32_t slots, tracker_visit *visit,
                  void *ctx);
/* All of them at once. */
void tracker_each(const struct tracker *t, tracker_visit *visit, void *ctx);

#include "base/hash.h"

static inline uint32_t tracker_hash(const struct tracker *t, uint16_t source, struct queue_id id)
{
    uint64_t h = hash_mix(id.lo ^ t->seed, HASH_ODD_1 ^ id.hi);

    return (uint32_t)hash_mix(h ^ source, HASH_ODD_2);
}

#endif
