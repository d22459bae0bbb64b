/* SPDX-License-Identifier: MIT */
/*
 * Does:         puts messages that came of each other into the order of their hops: each behind the
 *               one that it came of, what has no parent as it was.
 * Doesn't know: messages; they are numbers here.
 * Owns:         nothing.
 * Time:         timeless. Hosts' clocks and the order of their lines don't tell who was first.
 * Fails:        never; of a ring, which can't be, the rest comes last.
 */
#ifndef RELAYWATCH_SHOW_HOP_ORDER_H
#define RELAYWATCH_SHOW_HOP_ORDER_H

enum { HOP_ORDER_MAX = 64 };

/* parent[i]: the number of the message that i came of, or -1. order gets all numbers below count,
 * which is at most HOP_ORDER_MAX. */
void hop_order(const int *parent, int count, int *order);

#endif
