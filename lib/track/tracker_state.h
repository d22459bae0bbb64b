/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the tracker's data: messages in chunks of slots, an index, lists for each
 *               host and a ring of message-ids.
 * Doesn't know: how any of it changes (tracker.h, tracker_lists.h).
 * Owns:         nothing itself; tracker_done releases what a struct tracker holds.
 * Time:         event time in seconds since 1970, by the clock of the message's host.
 * Fails:        -
 */
#ifndef RELAYWATCH_TRACK_TRACKER_STATE_H
#define RELAYWATCH_TRACK_TRACKER_STATE_H

#include "base/intern.h"
#include "track/hosts.h"
#include "track/message.h"

enum {
    CHUNK = 1024, /* messages in a chunk: 128 KiB, freed with its last message */
    CHUNK_WORDS = CHUNK / 64,
    WORD_NONE = -1,
    IDS_BYTES = 256 * 1024, /* the ring of message-ids */
};

/* Slots come in words of 64, and all messages in a word are of one host. */
struct message_chunk {
    _Alignas(64) struct message message[CHUNK]; /* aligned: a message spans two cache lines */
    uint64_t live[CHUNK_WORDS];                 /* a bit for each message */
    uint32_t due_s[CHUNK_WORDS]; /* the earliest that one of these 64 may be silent too long */
    uint32_t place[CHUNK_WORDS]; /* of the word among its host's */
    uint16_t words;              /* a bit for each that some host has */
};

_Static_assert(CHUNK_WORDS == 16, "as many as there are bits in `words`");

struct tracker_limits {
    uint32_t messages;   /* in flight and finished together */
    uint32_t finished;   /* finished with children, for late links, a host; others: an eighth */
    uint32_t finished_s; /* how long a finished message is kept */
    uint32_t grace_s;    /* how long a message without an origin waits */
    uint32_t age_s;      /* a message silent for this long is forgotten */
    uint32_t unqueued_s; /* the same for one that never reached the queue */
    uint32_t recipients; /* remembered individually per message */
    uint64_t bytes;      /* interns.bytes, which counts messages too */
};

struct tracker_counters {
    uint64_t evicted;           /* messages, at the bound */
    uint64_t evicted_for_bytes; /* of these */
    uint64_t expired;           /* messages, silent too long */
    uint64_t finished_early;    /* finished with children, at the bound and before finished_s */
    uint64_t recipients_over;   /* recipients not remembered: beyond the limit, or no memory */
};

struct fifo_entry {
    struct message_ref ref;
    uint32_t due_s;
    uint32_t nrcpt; /* of `expected`: how many recipients were promised */
};

/* First in, first out; grows as needed. Entries may refer to messages forgotten meanwhile. */
struct fifo {
    struct fifo_entry *entry;   /* a ring */
    uint32_t room, head, count; /* room is a power of two, or 0 */
};

/* What is in order of time is kept host by host, as each host has a clock of its own. */
struct tracker_host {
    struct fifo waiting, finished, brief; /* brief: finished messages without children */
    struct fifo expected;                 /* messages whose deliveries are expected */
    int32_t *word;                        /* the numbers of its words, or WORD_NONE: a gap */
    uint32_t words, room;                 /* places in use; the last is no gap */
    uint32_t free;                        /* no place before it has a free slot */
    uint64_t *open;                       /* a bit for each place that may have one, or a gap */
};

struct tracker {
    struct tracker_limits limits;
    struct tracker_counters counters;
    struct interns *texts; /* borrowed, as the next */
    struct hosts *hosts;
    uint64_t seed;
    uint64_t *index; /* hash << 32 | slot; open addressing; 0 is empty */
    uint32_t index_size;
    struct message_chunk **chunk;
    struct message_chunk *spare;      /* the last one that came free, or NULL */
    uint32_t chunk_count, chunk_free; /* chunk_free: no chunk below it has a free word */
    uint32_t count;                   /* messages */
    uint32_t gone;                    /* of them, in state MESSAGE_GONE */
    uint32_t serial;                  /* of the next message */
    uint32_t hand;                    /* the slot where the next eviction starts looking */
    struct tracker_host *host;
    uint16_t host_room;
    uint64_t link_bytes; /* counted in interns.bytes, too: a link_index that has grown */
    char *ids;           /* ring of message-id texts */
    uint64_t ids_at;     /* bytes written to the ring so far */
    /* Called just before a message is forgotten, while it is still valid; may be NULL. */
    void (*forgotten)(void *ctx, struct message *m);
    void *ctx;
};

/* The message in a slot; the slot's chunk must exist. */
static inline struct message *tracker_at(const struct tracker *t, uint32_t slot)
{
    return &t->chunk[slot / CHUNK]->message[slot % CHUNK];
}

/* Any slot number may be asked about, even one from a damaged snapshot. */
static inline bool tracker_is_live(const struct tracker *t, uint32_t slot)
{
    const struct message_chunk *chunk =
        slot / CHUNK < t->chunk_count ? t->chunk[slot / CHUNK] : NULL;

    return chunk && (chunk->live[slot % CHUNK / 64] >> (slot % 64) & 1);
}

static inline bool tracker_is_over(const struct tracker *t)
{
    return t->texts->bytes > t->limits.bytes;
}

enum { MESSAGE_BYTES = 176 }; /* with its places in the index and the lists */

/* What the message itself counts in interns.bytes, where its texts count already. */
static inline uint64_t tracker_fixed_bytes(const struct message *m)
{
    return MESSAGE_BYTES + m->recipient_room * sizeof(struct recipient);
}

/* How long the message has been silent by its host's clock, in seconds. */
static inline int64_t tracker_silence(const struct tracker *t, const struct message *m)
{
    return hosts_ago(t->hosts, hosts_host(m->source), m->last_s);
}

#endif
