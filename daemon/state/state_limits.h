/* SPDX-License-Identifier: MIT */
/*
 * Does:         the bounds of what the state file keeps beside the pipeline.
 * Doesn't know: the file.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        -
 */
#ifndef RELAYWATCH_STATE_STATE_LIMITS_H
#define RELAYWATCH_STATE_STATE_LIMITS_H

/* Bytes of a sentence that says what is wrong; sources whose position is kept; bytes of their
 * names. */
enum { STATE_WHY_MAX = 512, STATE_POSITIONS_MAX = 8, STATE_ID_MAX = 32 };

#endif
