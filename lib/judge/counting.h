/* SPDX-License-Identifier: MIT */
/*
 * Does:         hands evidence to the detector, and keeps track of which cell counts which message.
 * Doesn't know: what is evidence (judge.h, notices.h).
 * Owns:         nothing.
 * Time:         event time in seconds.
 * Fails:        evidence that the detector does not take is not counted.
 */
#ifndef RELAYWATCH_JUDGE_COUNTING_H
#define RELAYWATCH_JUDGE_COUNTING_H

#include "detect/tables.h"
#include "judge/judge_state.h"

/* Tells of a verdict whoever listens. r is NULL for a notice as a whole; kind: -1 is none. */
void counting_report(struct judge *judge, const struct message *m, const struct recipient *r,
                     enum verdict verdict, int kind);
struct cell_ref counting_cell_of(const struct message *m);
/* Several queue files of one message (before and after a content filter, requeued) count once. */
struct message *counting_whole_of(struct judge *judge, struct message *m);
/* Counts evidence of m, and of its recipient r, which may be NULL. Returns the cell that counted
 * it, as detector_observe does. */
struct cell_ref counting_observe(struct judge *judge, struct message *m, struct recipient *r,
                                 struct observation *o);
/* That cell counts its queue file as queued. */
void counting_join(struct judge *judge, struct message *m, struct cell_ref ref);
/* Takes its queue file out of its cell's queued count. */
void counting_leave(struct judge *judge, struct message *m);

#endif
