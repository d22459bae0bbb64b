/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells of a sender address whether whoever uses it has any right to it.
 * Doesn't know: messages, verdicts, thresholds.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        where nothing tells, nothing is held against the sender.
 */
#ifndef RELAYWATCH_JUDGE_SENDERS_H
#define RELAYWATCH_JUDGE_SENDERS_H

#include "site/site.h"

/* True if the sender is neither ours nor under the domain of that login. */
bool sender_is_foreign_to(const struct site *site, struct span sender, struct span login);

#endif
