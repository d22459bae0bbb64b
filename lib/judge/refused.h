/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers who refused a recipient, until a notice is written about it.
 * Doesn't know: what the texts say (refused_by.h), or which notice is judged.
 * Owns:         its table, and references to the texts in it, until refused_done.
 * Time:         timeless.
 * Fails:        the oldest of a few is forgotten for the next; when memory is short, none is kept.
 */
#ifndef RELAYWATCH_JUDGE_REFUSED_H
#define RELAYWATCH_JUDGE_REFUSED_H

#include "base/intern.h"
#include "track/message.h"

enum { REFUSED_MAX = 4096, REFUSED_WAYS = 4 }; /* powers of two */

/* Keys are hashes under the seed, as a recipient's is; nothing else is compared (hash.h). */
struct refused {
    struct refused_entry {
        uint64_t key;          /* of the message and the recipient; 0: free */
        struct intern *by;     /* refused_by.h */
        struct intern *domain; /* "virtual-alias example.org": of the recipient */
    } * entry;                 /* in sets, newest first; NULL until the first */
};

/* Takes its own references. */
void refused_add(struct refused *refused, struct interns *texts, struct message_ref of,
                 uint64_t recipient, struct intern *by, struct intern *domain);
/* For the snapshot: the same of a key that was saved; the oldest come first. False when memory is
 * short. */
bool refused_restore(struct refused *refused, struct interns *texts,
                     const struct refused_entry *entry);
/* NULL if it is not remembered. Good until one is added. */
const struct refused_entry *refused_find(const struct refused *refused, struct message_ref of,
                                         uint64_t recipient);
void refused_done(struct refused *refused, struct interns *texts);

#endif
