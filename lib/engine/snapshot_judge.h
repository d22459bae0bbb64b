/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads what the judge remembers from one message for the next.
 * Doesn't know: files.
 * Owns:         nothing; what is read belongs to the judge.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_JUDGE_H
#define RELAYWATCH_ENGINE_SNAPSHOT_JUDGE_H

#include "engine/snapshot_bytes.h"
#include "judge/judge_state.h"

void write_judge(struct writer *w, const struct judge *judge);
/* Into a new judge; hosts and messages must have been read before. False after a failure. */
bool read_judge(struct reader *r, struct judge *judge);

#endif
