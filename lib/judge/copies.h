/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds outside addresses that get a copy of mail to our addresses, where Postfix has
 *               maps for that whose content can't be listed (recipient_bcc_maps in SQL).
 * Doesn't know: verdicts.
 * Owns:         a ring of the latest addresses, told apart as recipients are (message.h).
 * Time:         timeless.
 * Fails:        an address that finds no room is not found, and mail to it is judged as usual.
 *
 * The log doesn't show that Postfix added a recipient. It can be told because every message to that
 * address also goes to one of ours. COPIES_MIN messages are needed, and at most COPIES_MAX
 * addresses are found, so that the recipients of relayed mail, new ones each time, don't qualify.
 */
#ifndef RELAYWATCH_JUDGE_COPIES_H
#define RELAYWATCH_JUDGE_COPIES_H

#include "track/message.h"

enum { COPIES_MIN = 3, COPIES_MAX = 4, COPIES_SLOTS = 256 };

struct copies {
    struct copies_slot {
        uint64_t hash; /* 0: free */
        uint16_t together, alone;
    } slot[COPIES_SLOTS];
    uint32_t next; /* the slot to use for the next new address */
    uint32_t found;
};

/* Its address is known to get copies. */
static inline bool copies_slot_is_found(const struct copies_slot *slot)
{
    return slot->together >= COPIES_MIN && !slot->alone;
}

/* Call it when r, a recipient of m, has been judged. True if this shows that an address of m gets
 * copies. */
bool copies_see(struct copies *copies, struct message *m, const struct recipient *r);
/* Call it when m leaves the queue. */
void copies_gone(struct copies *copies, struct message *m);
bool copies_has(const struct copies *copies, const struct recipient *r);
/* The address's slot, or NULL. */
struct copies_slot *copies_find(struct copies *copies, uint64_t hash);

#endif
