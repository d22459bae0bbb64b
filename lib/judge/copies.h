/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the outside addresses that get a copy of the mail for ours, where Postfix has
 *               maps for that which the settings can't list (recipient_bcc_maps in SQL).
 * Doesn't know: verdicts.
 * Owns:         a table of fixed size, by the addresses' hash.
 * Time:         timeless.
 * Fails:        an address without room is not found, so mail to it is judged as any other.
 *
 * The log doesn't show who added a recipient. What does: every message to the address goes to one
 * of ours too. It takes COPIES_MIN messages, and no site has more than COPIES_MAX such addresses,
 * so that a relay's addresses, a new one each time, are not taken for them.
 */
#ifndef RELAYWATCH_JUDGE_COPIES_H
#define RELAYWATCH_JUDGE_COPIES_H

#include "track/message.h"

enum { COPIES_MIN = 3, COPIES_MAX = 4, COPIES_SLOTS = 256 };

struct copies {
    struct copies_slot {
        uint32_t hash; /* 0: free */
        uint16_t together, alone;
    } slot[COPIES_SLOTS];
    uint32_t found;
};

/* r, a recipient of m, has just been judged. True when its address is found to get copies now. */
bool copies_see(struct copies *copies, struct message *m, const struct recipient *r);
/* m leaves the queue. */
void copies_gone(struct copies *copies, struct message *m);
bool copies_has(const struct copies *copies, const struct recipient *r);

#endif
