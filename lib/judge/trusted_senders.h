/* SPDX-License-Identifier: MIT */
/*
 * Does:         says what the sender of a trusted client's mail is evidence of: it isn't ours, or
 *               it was made up, or nothing tells.
 * Doesn't know: thresholds. What an address shows by itself is in senders.h.
 * Owns:         nothing; what was seen is in the judge's table of pairs (familiar.h).
 * Time:         event time in seconds; it counts by the day.
 * Fails:        what the table has forgotten is seen for the first time.
 */
#ifndef RELAYWATCH_JUDGE_TRUSTED_SENDERS_H
#define RELAYWATCH_JUDGE_TRUSTED_SENDERS_H

#include "judge/judge_state.h"

/* MADE: senders of one pattern that count as one in a day. DOMAINS: a machine may send under so
 * many of which nothing tells whose they are, and all machines of a host under ALL. That is asked
 * after ASK messages a day. AGAIN: of a forwarder's mail, one in so many goes to somebody who has
 * got some before. */
enum {
    TRUSTED_SENDERS_MADE = 10,
    TRUSTED_SENDERS_DOMAINS = 2,
    TRUSTED_SENDERS_ALL = 10,
    TRUSTED_SENDERS_ASK = 150,
    TRUSTED_SENDERS_AGAIN = 4
};

/* Sets o's foreign_sender, maybe_ours and unseen_sender. m has a sender; by_program: a program here
 * or near by has sent it. */
void trusted_senders_look(struct judge *judge, const struct message *m, const struct recipient *r,
                          bool by_program, struct observation *o);

#endif
