/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers of which messages recipients were counted before any delivery record
 *               named them, and where, so that this can be taken back.
 * Doesn't know: when they are counted, and what as (judge.h).
 * Owns:         its table, until undecided_done; an entry lives no longer than its message.
 * Time:         event time in seconds, given.
 * Fails:        when memory is short, a message is not remembered.
 */
#ifndef RELAYWATCH_JUDGE_UNDECIDED_H
#define RELAYWATCH_JUDGE_UNDECIDED_H

#include "detect/tables.h"
#include "track/message.h"

struct undecided {
    struct undecided_entry {
        struct message_ref of; /* slot 0: free */
        uint32_t left;         /* recipients that nothing has named yet */
        uint32_t at_s;         /* when they were counted ... */
        struct cell_ref cell;  /* ... and by which cell */
    } * entry;                 /* open addressing, by the message's slot */
    uint32_t size, count;      /* size: a power of two, or 0 */
};

/* False when memory is short. The message has no entry yet. */
bool undecided_add(struct undecided *undecided, const struct undecided_entry *entry);
/* The message's entry, or NULL. Good until one is added or removed. */
struct undecided_entry *undecided_find(const struct undecided *undecided, struct message_ref of);
void undecided_remove(struct undecided *undecided, struct undecided_entry *entry);
void undecided_done(struct undecided *undecided);

#endif
