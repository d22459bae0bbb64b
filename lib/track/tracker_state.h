/* SPDX-License-Identifier: MIT */
/*
 * Does:         lays out the tracker: messages in chunks of slots, an index, lists, message-ids.
 * Doesn't know: how any of it changes.
 * Owns:         nothing itself; tracker_done releases what a struct tracker holds.
 * Time:         event time in seconds since 1970.
 * Fails:        -
 */
#ifndef RELAYWATCH_TRACK_TRACKER_STATE_H
#define RELAYWATCH_TRACK_TRACKER_STATE_H

#include "base/intern.h"
#include "track/hosts.h"
#include "track/message.h"

enum {
    CHUNK = 1024, /* messages in a chunk: 128 KiB, given back when the last one goes */
    IDS_BYTES = 256 * 1024,
};

struct message_chunk {
    _Alignas(64) struct message message[CHUNK]; /* so that its size is a multiple of 64 too */
    uint64_t live[CHUNK / 64];                  /* a bit each */
    uint32_t due_s[CHUNK / 64]; /* before that none of the 64 has been silent too long */
    uint16_t used;
};

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

struct tracker {
    struct tracker_limits limits;
    struct tracker_counters counters;
    struct interns *texts; /* borrowed, as the next */
    const struct hosts *hosts;
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

static inline struct message *tracker_at(const struct tracker *t, uint32_t slot)
{
    return &t->chunk[slot / CHUNK]->message[slot % CHUNK];
}

static inline bool tracker_is_live(const struct tracker *t, uint32_t slot)
{
    const struct message_chunk *chunk =
        slot / CHUNK < t->chunk_count ? t->chunk[slot / CHUNK] : NULL;

    return chunk && (chunk->live[slot % CHUNK / 64] >> (slot % 64) & 1);
}

#endif
