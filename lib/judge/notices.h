/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides whether a notice (non-delivery, delay, delivery status) is backscatter.
 * Doesn't know: what other mail is evidence of (judge.h), why a delivery failed (classify.h).
 * Owns:         nothing.
 * Time:         event time in seconds, from the message.
 * Fails:        while nothing tells whom it goes to, it is not judged.
 */
#ifndef RELAYWATCH_JUDGE_NOTICES_H
#define RELAYWATCH_JUDGE_NOTICES_H

#include "judge/judge_state.h"

void notices_judge(struct judge *judge, struct message *m);
/* A recipient of a notice. The notice itself is the evidence; this adds the delivery status. */
void notices_count_recipient(struct judge *judge, struct message *m, struct recipient *r);

#endif
