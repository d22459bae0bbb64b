/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds messages that may belong together by a key that they share: a message-id, a
 *               sender and recipient, a parent.
 * Doesn't know: what the key is made of, or whether the messages really belong together.
 * Owns:         references to messages, which may be forgotten meanwhile.
 * Time:         timeless; the newest come first.
 * Fails:        a full set drops its oldest entry; link_index_add returns false if that message
 *               still existed.
 */
#ifndef RELAYWATCH_TRACK_LINK_INDEX_H
#define RELAYWATCH_TRACK_LINK_INDEX_H

#include "track/tracker.h"

/* Large enough that half an hour of a busy server's mail fills hardly any set. */
enum { LINK_WAYS = 4, LINK_ENTRIES = 65536 };

struct link_index {
    struct link_entry {
        struct message_ref ref; /* slot 0: none */
        uint32_t key;
    } entry[LINK_ENTRIES]; /* sets of LINK_WAYS, each newest first */
};

/* False if another message, which still exists, can no longer be found. */
bool link_index_add(struct link_index *index, struct tracker *t, const struct message *m,
                    uint32_t key);
/* The i-th newest entry of that key's set, i below LINK_WAYS. NULL if its message is gone or has
 * another key. */
struct message *link_index_get(const struct link_index *index, struct tracker *t, uint32_t key,
                               int i);

#endif
