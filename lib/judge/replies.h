/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells what a program here writes by itself: an answer to mail that has just come
 *               in, a receipt, a vacation reply.
 * Doesn't know: what a reply is evidence of (judge.h); notices of Postfix itself (notices.h).
 * Owns:         nothing; the mail that may be answered is in the judge's answers.
 * Time:         event time in seconds, from the message.
 * Fails:        what the answers have forgotten was never answered.
 */
#ifndef RELAYWATCH_JUDGE_REPLIES_H
#define RELAYWATCH_JUDGE_REPLIES_H

#include "judge/judge_state.h"

/* This host sent it, or the mailbox server near by. */
bool replies_is_by_program(struct judge *judge, const struct message *m);
/* The same, under the null sender. */
bool replies_is_automatic(struct judge *judge, const struct message *m);
/* m has been queued: a program may answer its sender. */
void replies_may_come(struct judge *judge, const struct message *m);
/* True if m answers, at once and to r alone, mail that r has sent here; whoever brought m. */
bool replies_is_answer(struct judge *judge, const struct message *m, const struct recipient *r);
/* True if somebody wrote here as r not long ago: a receipt is owed for mail that asked for one. */
bool replies_is_receipt(struct judge *judge, const struct message *m, const struct recipient *r);
/* True if somebody of ours is away, and a program tells so by the rules of RFC 3834: to whom has
 * just written, once, under the null sender or the address that was written to. */
bool replies_is_vacation(struct judge *judge, const struct message *m, const struct recipient *r);

#endif
