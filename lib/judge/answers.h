/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells automatic replies: mail that goes, within seconds, to exactly the outside
 *               sender of a message that is being delivered here. And mail that a program may send
 *               on, since it has just taken some.
 * Doesn't know: what a reply is evidence of (judge.h).
 * Owns:         two indexes of fixed size, of what came last, until answers_done.
 * Time:         event time in seconds, given.
 * Fails:        answers_init returns false when memory is short; what came ANSWERS_MAX before the
 *               latest is forgotten.
 */
#ifndef RELAYWATCH_JUDGE_ANSWERS_H
#define RELAYWATCH_JUDGE_ANSWERS_H

#include "track/link_index.h"

/* ANSWERS_MAX: a power of two */
enum { ANSWERS_MAX = 4096, ANSWERS_WITHIN_S = 5, ANSWERS_SENT_ON_S = 60 };

/* Keys are hashes under the seed; nothing else is compared (hash.h). */
struct answers {
    struct link_index mail; /* by sender, with the message and when it was queued */
    struct link_index
        reply; /* by who was answered and whose mail it was, with that mail and when */
};

bool answers_init(struct answers *answers);
void answers_done(struct answers *answers);
/* A message of that sender has been queued. The hash is hash_nocase's and the host's. */
void answers_see(struct answers *answers, uint64_t sender, struct message_ref of, uint32_t at_s);
/* The latest message of that sender, or NULL. Valid until the next call of answers_see. */
const struct link_entry *answers_find(const struct answers *answers, uint64_t sender);
/* True if that reply, to mail that answers_find has found, is the first one in a day. */
bool answers_is_first(struct answers *answers, uint64_t pair, struct message_ref mail,
                      uint32_t at_s);

/* A program here has taken that message, and may send it on. host: its number. */
void answers_taken(struct answers *answers, uint16_t host, struct message_ref of, uint32_t at_s);
/* True if mail that the host sends at that time may be such a message, which this one stands for
 * from now on: each is sent on once, within ANSWERS_SENT_ON_S. */
bool answers_send_on(struct answers *answers, uint16_t host, uint32_t at_s);

#endif
