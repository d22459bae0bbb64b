/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells automatic replies: mail that goes, within seconds, to exactly the outside
 *               sender of a message that is being delivered here.
 * Doesn't know: what a reply is evidence of (judge.h).
 * Owns:         two tables of fixed size, by hash.
 * Time:         event time in seconds, given.
 * Fails:        never; what needs the place of another makes that one forgotten.
 */
#ifndef RELAYWATCH_JUDGE_ANSWERS_H
#define RELAYWATCH_JUDGE_ANSWERS_H

#include "track/message.h"

enum { ANSWERS_SLOTS = 4096, ANSWERS_WITHIN_S = 5 };

struct answers {
    struct answers_mail {
        uint64_t sender; /* hash; 0: free */
        struct message_ref of;
        uint32_t at_s; /* when it was queued */
    } mail[ANSWERS_SLOTS];
    struct answers_reply {
        uint64_t pair; /* hash of who was answered and whose mail it was; 0: free */
        uint32_t at_s;
    } reply[ANSWERS_SLOTS];
};

static inline struct answers_mail *answers_mail_at(struct answers *answers, uint64_t sender)
{
    return &answers->mail[(sender >> 1) % ANSWERS_SLOTS];
}

static inline struct answers_reply *answers_reply_at(struct answers *answers, uint64_t pair)
{
    return &answers->reply[(pair >> 1) % ANSWERS_SLOTS];
}

/* A message of that sender has been queued. The hash is hash_nocase's and the host's. */
static inline void answers_see(struct answers *answers, uint64_t sender, struct message_ref of,
                               uint32_t at_s)
{
    *answers_mail_at(answers, sender) = (struct answers_mail){sender, of, at_s};
}

/* The latest message of that sender, or NULL. */
static inline const struct answers_mail *answers_find(struct answers *answers, uint64_t sender)
{
    const struct answers_mail *mail = answers_mail_at(answers, sender);

    return sender && mail->sender == sender ? mail : NULL;
}

/* True if that reply is the first one in a day. */
bool answers_is_first(struct answers *answers, uint64_t pair, uint32_t at_s);

#endif
