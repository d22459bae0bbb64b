/* SPDX-License-Identifier: MIT */
/*
 * Does:         hands out slots for messages, always a host's lowest free one. A host has whole
 *               words of 64 slots, so that what is done with all its messages walks no others.
 * Doesn't know: what is in a slot.
 * Owns:         the chunks and the hosts' lists of words, which are part of struct tracker.
 * Time:         timeless.
 * Fails:        says so when memory is short.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_SLOTS_H
#define RELAYWATCH_TRACK_TRACKER_SLOTS_H

#include "track/tracker_state.h"

/* A free slot, now live; 0 when memory is short. It depends on the host's other messages alone, but
 * for its number. */
uint32_t tracker_slots_take(struct tracker *t, uint16_t host);
void tracker_slots_give(struct tracker *t, uint32_t slot, uint16_t host);
/* Frees everything; the messages in it are the caller's. */
void tracker_slots_done(struct tracker *t);

/* Makes room for what is kept of that host. False when memory is short. */
bool tracker_slots_reserve(struct tracker *t, uint16_t host);

/* For the snapshot: appends an empty chunk, or with there = false a gap. False when memory is
 * short. */
bool tracker_add_chunk(struct tracker *t, bool there);
/* For the snapshot: makes that word the host's, at that place in its list. False if the place is
 * taken or impossible, or when memory is short. */
bool tracker_slots_place(struct tracker *t, uint16_t host, uint32_t word, uint32_t place);

static inline struct message_chunk *tracker_chunk_of(const struct tracker *t, uint32_t word)
{
    return t->chunk[word / CHUNK_WORDS];
}

#endif
