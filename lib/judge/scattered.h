/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells mail that goes to many domains, or to many strangers, from mail that goes to
 *               a few of them again and again: who relays or spams has many, a gateway and a
 *               service for aliases have few. For where nothing else tells.
 * Doesn't know: verdicts.
 * Owns:         nothing; what was seen is in the judge's table of pairs (familiar.h).
 * Time:         event time in seconds; it counts by the day.
 * Fails:        what the table has forgotten is seen for the first time.
 */
#ifndef RELAYWATCH_JUDGE_SCATTERED_H
#define RELAYWATCH_JUDGE_SCATTERED_H

#include "judge/judge_state.h"

/* SCATTERED_MAX: to one domain in a day. SCATTERED_ASK: domains that strangers write to. */
enum { SCATTERED_MAX = 10, SCATTERED_ASK = 20 };

/* The log doesn't tell whose r's domain is: mail for it went to a server near by, which may be a
 * relay host, or from a machine of the site to a server elsewhere, which may be that domain's own.
 * True for the first SCATTERED_MAX recipients there in a day. */
bool scattered_is(struct judge *judge, const struct message *m, const struct recipient *r);
/* Asks, in a site warning, once strangers' mail for many such domains went to a server near by. */
void scattered_ask(struct judge *judge, const struct message *m, const struct recipient *r);
/* True if no program here has written to r before. */
bool scattered_is_new_to(struct judge *judge, const struct message *m, const struct recipient *r);
/* Sees that on m's host. True if it is for the first time. what: a hash, as below. */
bool scattered_is_new(struct judge *judge, const struct message *m, uint64_t what, uint32_t at_s);
/* True if it was seen a day ago or before, and not forgotten since. */
bool scattered_is_old(const struct judge *judge, const struct message *m, uint64_t what,
                      uint32_t at_s);
/* How often that was seen on m's host today, this time included. what: a hash. */
uint32_t scattered_times(struct judge *judge, const struct message *m, uint64_t what,
                         uint32_t at_s);
/* The same without seeing it once more. */
uint32_t scattered_lately(const struct judge *judge, const struct message *m, uint64_t what,
                          uint32_t at_s);

#endif
