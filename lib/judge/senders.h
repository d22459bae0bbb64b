/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells of a sender address whether whoever uses it has any right to it.
 * Doesn't know: messages, verdicts, thresholds.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        where nothing tells, nothing is held against the sender.
 */
#ifndef RELAYWATCH_JUDGE_SENDERS_H
#define RELAYWATCH_JUDGE_SENDERS_H

#include "site/site.h"

/* True if the sender is neither ours nor under the domain of that login. */
bool sender_is_foreign_to(const struct site *site, struct span sender, struct span login);

/* True if it names a recipient in that domain, for his bounce to come back to (VERP). */
bool sender_is_made_for(struct span sender, struct span recipient_domain);

/* True if it is under a domain of ours, whose mail for it nothing here has ever taken: somebody has
 * made it up. Addresses that programs make, for bounces to return to, are not; of those for one
 * recipient each (VERP), the domain he is in tells. */
bool sender_is_made_up(const struct site *site, struct span sender, struct span recipient_domain,
                       uint32_t now_s);

#endif
