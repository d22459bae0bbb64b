/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides what kind of abuse a message to a recipient is evidence of, if any, and
 *               why, and tells the detector.
 * Doesn't know: the text of records, how messages are found, thresholds, windows.
 * Owns:         the texts that its classifier and clients remember; the rest is borrowed.
 * Time:         event time in seconds, from the message.
 * Fails:        never; if it can't decide, the verdict says so (VERDICT_UNKNOWN_ORIGIN,
 *               VERDICT_UNKNOWN_DOMAINS).
 */
#ifndef RELAYWATCH_JUDGE_JUDGE_H
#define RELAYWATCH_JUDGE_JUDGE_H

#include "judge/judge_state.h"

/* Forgets what it remembers of domains and clients. Call it before the texts go. */
void judge_forget_answers(struct judge *judge);
/* The same, for good. */
void judge_done(struct judge *judge);
/* Replaces the site, which must be there still. */
void judge_set_site(struct judge *judge, struct site *site);

/* Gives the verdict on a recipient, and sets RECIPIENT_JUDGED. */
void judge_recipient(struct judge *judge, struct message *m, struct recipient *r);
/* So many recipients of m, queued at that time, should have been tried by now, and no delivery
 * record names them. A login's or a uid's count: a flood into a queue that is stuck is a flood. */
void judge_undecided(struct judge *judge, struct message *m, uint32_t n, uint32_t at_s);
/* Up to n of them are named now, so they count like any others. */
void judge_named(struct judge *judge, const struct message *m, uint32_t n);
/* A program here has taken m for r: it may send it on. orig: the hash of orig_to=, or 0. */
void judge_taken_by_program(struct judge *judge, const struct message *m, const struct recipient *r,
                            uint64_t orig);
/* It was refused: a notice about it may follow. filter: by a content filter. */
void judge_refused(struct judge *judge, const struct message *m, const struct recipient *r,
                   const struct record *rec, bool filter);
/* A judged recipient's status changed. */
void judge_ended_otherwise(struct judge *judge, struct message *m, const struct recipient *r);
/* The same of a counted recipient. */
void judge_status(struct judge *judge, struct message *m, enum status was, enum status is);
void judge_held(struct judge *judge, struct message *m, bool held);
/* It leaves the queue. Call it while its state is still the one before. */
void judge_gone(struct judge *judge, struct message *m);
/* m continues old under a new ID and takes its place in the queued count. */
void judge_goes_on(struct judge *judge, struct message *m, struct message *old);

/* How many recipients of that root (BOUNCE: of notices) and class have ended so; one that is tried
 * again counts once more where it ends otherwise then. */
uint64_t judge_deliveries(const struct judge *judge, enum origin root, enum domain_class class,
                          enum status status);
/* Of that root, all together. */
uint64_t judge_recipients(const struct judge *judge, enum origin root);
/* The incident that holds its evidence, or NULL. */
const struct incident *judge_incident_of(const struct judge *judge, const struct message *m);

#endif
