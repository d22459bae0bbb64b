/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds messages that may belong together by a key that both have: a message-id, a
 *               sender and recipient, a parent.
 * Doesn't know: what the key is made of, or whether the messages do belong together.
 * Owns:         references to messages, which may be forgotten meanwhile.
 * Time:         timeless; the newest come first.
 * Fails:        beyond LINK_WAYS of a set the oldest gives way; link_index_add says when that one
 *               was still there.
 */
#ifndef RELAYWATCH_TRACK_LINK_INDEX_H
#define RELAYWATCH_TRACK_LINK_INDEX_H

#include "track/tracker.h"

/* So many that half an hour of a busy server's mail leaves hardly a set without room. */
enum { LINK_WAYS = 4, LINK_ENTRIES = 65536 };

struct link_index {
    struct link_entry {
        struct message_ref ref; /* slot 0: none */
        uint32_t key;
    } entry[LINK_ENTRIES]; /* sets of LINK_WAYS, each newest first */
};

/* False if a message that is not gone can no longer be found, to make room. */
bool link_index_add(struct link_index *index, struct tracker *t, const struct message *m,
                    uint32_t key);
/* The i-th newest message of that key's set, i below LINK_WAYS; NULL where that is none or another
 * key's. */
struct message *link_index_get(const struct link_index *index, struct tracker *t, uint32_t key,
                               int i);

#endif
