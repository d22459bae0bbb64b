/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the outside address that gets a copy of all that somebody of ours sends:
 *               always_bcc and sender_bcc_maps double each message's recipients. copies.h does the
 *               same for mail to our addresses.
 * Doesn't know: verdicts.
 * Owns:         nothing; what was seen is in the judge's table of repeats.
 * Time:         event time in seconds; each day, an address shows itself anew.
 * Fails:        what the table has forgotten counts.
 *
 * It gets each message, and none alone. Of all recipients of a message, OWN_COPIES_MAX are copies
 * at most, and one never is: what goes to many people counts for each of them, and what goes to a
 * few again and again still counts once a message.
 */
#ifndef RELAYWATCH_JUDGE_OWN_COPIES_H
#define RELAYWATCH_JUDGE_OWN_COPIES_H

#include "judge/judge_state.h"

/* MIN: messages. RECIPIENTS: among more, a copy can't be told from the rest. */
enum { OWN_COPIES_MIN = 3, OWN_COPIES_MAX = 2, OWN_COPIES_RECIPIENTS = 16 };

/* r, of m, is outside, and is being judged. True if it is a copy. */
bool own_copies_see(struct judge *judge, struct message *m, const struct recipient *r);
/* Call it when m leaves the queue. */
void own_copies_gone(struct judge *judge, struct message *m);

#endif
