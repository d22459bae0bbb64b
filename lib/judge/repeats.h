/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts the messages that somebody sends to one address again and again: a program
 *               here (monitoring, cron, a shop's orders), or Postfix, which sends copies.
 * Doesn't know: verdicts.
 * Owns:         a table of fixed size.
 * Time:         event time in seconds; it counts by the day (UTC).
 * Fails:        never; what finds no place is new.
 *
 * Of a program's, the first REPEATS_FREE messages to an address in a day count in full, then one in
 * REPEATS_STEP: a monitor's 250 in an hour are no flood, while 1,530 in an hour or 4,730 in a day
 * reach the default thresholds, as mail bombs should.
 */
#ifndef RELAYWATCH_JUDGE_REPEATS_H
#define RELAYWATCH_JUDGE_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

enum { REPEATS_FREE = 10, REPEATS_STEP = 8, REPEATS_SLOTS = 1024, REPEATS_WAYS = 4 };

struct repeats {
    struct repeats_slot {
        uint64_t pair; /* 0: free */
        uint32_t day, times;
    } slot[REPEATS_SLOTS]; /* in sets of REPEATS_WAYS */
    uint32_t copies;       /* how often own_copies.h has found one */
};

/* One more message of that pair, who sends it and to whom. Returns how many of that day. */
uint32_t repeats_add(struct repeats *repeats, uint64_t pair, uint32_t at_s);
/* The same of a program's. True if it counts. */
bool repeats_see(struct repeats *repeats, uint64_t pair, uint32_t at_s);
/* How many there were that day. */
uint32_t repeats_times(const struct repeats *repeats, uint64_t pair, uint32_t at_s);
void repeats_forget(struct repeats *repeats, uint64_t pair);

#endif
