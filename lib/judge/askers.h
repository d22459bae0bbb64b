/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells who asked for delivery status notices under which sender: one asker, whom
 *               they are owed to, or several, who forge it.
 * Doesn't know: verdicts.
 * Owns:         a table of fixed size, by hash of the sender.
 * Time:         event time in seconds; an asker is forgotten a day after the last of a sender.
 * Fails:        never; a sender that needs the place of another makes that one forgotten.
 *
 * An asker is the domain of a client's name, its last two labels, or the network of a client
 * without a name: the hosts of one provider are one asker. Two askers may be one person, with the
 * mail of a provider and of a server of his own; ASKERS_MANY are none.
 */
#ifndef RELAYWATCH_JUDGE_ASKERS_H
#define RELAYWATCH_JUDGE_ASKERS_H

#include <stdbool.h>

#include "base/span.h"

enum { ASKERS_SLOTS = 512, ASKERS_MANY = 3 };

struct askers {
    struct askers_slot {
        uint64_t sender;                 /* hash; 0: free */
        uint32_t at_s;                   /* when somebody last asked */
        uint32_t count;                  /* of askers, up to ASKERS_MANY */
        uint64_t asker[ASKERS_MANY - 1]; /* hashes of the first ones */
    } slot[ASKERS_SLOTS];
};

/* Where a sender of that hash has its place. */
static inline struct askers_slot *askers_slot(struct askers *askers, uint64_t sender)
{
    return &askers->slot[(sender >> 1) % ASKERS_SLOTS];
}

/* The client ("name[address]") asks under that sender. True if it is one of many who do. */
bool askers_see(struct askers *askers, struct span sender, struct span client, uint32_t at_s);

#endif
