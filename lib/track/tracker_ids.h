/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers message-ids: a hash with each message, and the latest texts in a ring.
 * Doesn't know: what a message-id links.
 * Owns:         nothing; the ring is the tracker's.
 * Time:         timeless.
 * Fails:        an older text is overwritten, and then empty.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_IDS_H
#define RELAYWATCH_TRACK_TRACKER_IDS_H

#include "track/tracker_state.h"

/* The hash of a message-id; never 0. */
static inline uint32_t tracker_id_of_hash(uint64_t hash)
{
    /* 0 stands for no Message-ID so far. */
    return (uint32_t)hash ? (uint32_t)hash : 1;
}
uint32_t tracker_id_hash(const struct tracker *t, struct span text);
/* Remembers the message-id: its tracker_id_hash for good, its text (the first 250 bytes) in a ring
 * that holds about the last 4,000. */
void tracker_set_message_id(struct tracker *t, struct message *m, struct span text, uint32_t hash);
/* Gives `to` what is known of the message-id of `from`. */
void tracker_copy_message_id(struct tracker *t, struct message *to, const struct message *from);
/* The text, or empty once the ring has overwritten it. Valid until the next one is set. */
struct span tracker_message_id(const struct tracker *t, const struct message *m);

#endif
