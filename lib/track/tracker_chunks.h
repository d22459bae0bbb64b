/* SPDX-License-Identifier: MIT */
/*
 * Does:         lays messages out in chunks of slots; for the tracker, and for the snapshot, which
 *               puts every message back into the slot it had.
 * Doesn't know: what a message is.
 * Owns:         nothing: the chunks are the tracker's.
 * Time:         timeless.
 * Fails:        tracker_add_chunk and tracker_index_all return false when memory is short.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_CHUNKS_H
#define RELAYWATCH_TRACK_TRACKER_CHUNKS_H

#include "track/tracker.h"

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

/* Gives up the one that has been silent longest among a few. */
void tracker_evict(struct tracker *t);
/* One more chunk at the end, empty, or none in its place; false when memory is short. */
bool tracker_add_chunk(struct tracker *t, bool there);
/* Makes the index anew from the messages that are there. */
bool tracker_index_all(struct tracker *t);

#endif
