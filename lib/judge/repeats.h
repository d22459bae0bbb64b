/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells the messages that a program on this host sends to one address again and again
 *               (monitoring, cron, a shop's orders) from those that it sends to many people.
 * Doesn't know: verdicts.
 * Owns:         a table of fixed size.
 * Time:         event time in seconds; it counts by the day (UTC).
 * Fails:        never; what finds no place is new.
 *
 * The first REPEATS_FREE messages to an address in a day count in full, then one in REPEATS_STEP: a
 * monitor's 250 in an hour are no flood, while 1,600 in an hour or 5,000 in a day reach the default
 * thresholds, as mail bombs should.
 */
#ifndef RELAYWATCH_JUDGE_REPEATS_H
#define RELAYWATCH_JUDGE_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

enum { REPEATS_FREE = 10, REPEATS_STEP = 8, REPEATS_SLOTS = 512, REPEATS_WAYS = 4 };

struct repeats {
    struct repeats_slot {
        uint64_t pair; /* 0: free */
        uint32_t day, times;
    } slot[REPEATS_SLOTS]; /* in sets of REPEATS_WAYS */
};

/* One more message of that pair, who sends it and to whom. True if it counts. */
bool repeats_see(struct repeats *repeats, uint64_t pair, uint32_t at_s);

#endif
