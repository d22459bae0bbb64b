/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells automatic replies: mail that goes, within seconds, to exactly the outside
 *               sender of a message that is being delivered here.
 * Doesn't know: what a reply is evidence of (judge.h).
 * Owns:         two rings of fixed size, of what came last.
 * Time:         event time in seconds, given.
 * Fails:        never; what came ANSWERS_MAX before the latest is forgotten.
 *
 * Entries are chained by key from the newest to the oldest, as in track/link_index.h: which one is
 * forgotten depends on what came, never on hashes.
 */
#ifndef RELAYWATCH_JUDGE_ANSWERS_H
#define RELAYWATCH_JUDGE_ANSWERS_H

#include "track/message.h"

enum { ANSWERS_MAX = 4096, ANSWERS_WITHIN_S = 5 }; /* ANSWERS_MAX: a power of two */

struct answers {
    struct answers_ring {
        struct answers_entry {
            uint64_t key; /* a hash under the seed; 0: none. Nothing else is compared (hash.h) */
            struct message_ref of;
            uint32_t at_s;
            uint32_t before; /* position of the next older one in the chain; 0: none */
        } entry[ANSWERS_MAX];
        uint32_t newest[ANSWERS_MAX]; /* positions, by the low bits of the key */
        uint32_t count;               /* the position of the latest; position 1 came first */
    } mail,                           /* by sender, with the message and when it was queued */
        reply;                        /* by who was answered and whose mail it was, and when */
};

/* A message of that sender has been queued. The hash is hash_nocase's and the host's. */
void answers_see(struct answers *answers, uint64_t sender, struct message_ref of, uint32_t at_s);
/* The latest message of that sender, or NULL. Valid until the next call of answers_see. */
const struct answers_entry *answers_find(struct answers *answers, uint64_t sender);
/* True if that reply is the first one in a day. */
bool answers_is_first(struct answers *answers, uint64_t pair, uint32_t at_s);

/* For the snapshot: adds what a ring had, from the oldest (1) to the newest of `count`. */
void answers_put(struct answers_ring *ring, uint64_t key, struct message_ref of, uint32_t at_s);
static inline const struct answers_entry *answers_nth(const struct answers_ring *ring, uint32_t n)
{
    return &ring->entry[(ring->count + n) % ANSWERS_MAX];
}

#endif
