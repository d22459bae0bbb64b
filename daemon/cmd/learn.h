/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the logs of a scan once for what they prove, before they are judged.
 * Doesn't know: what is proven (engine/learner.h).
 * Owns:         the learner, until learn_done.
 * Time:         none.
 * Fails:        short of memory, nothing is learned beforehand.
 */
#ifndef RELAYWATCH_CMD_LEARN_H
#define RELAYWATCH_CMD_LEARN_H

#include "cmd/input.h"
#include "engine/learner.h"
#include "common/setup.h"

/* Reads the input unless the settings leave nothing to learn. Where they turn out to be another
 * host's, setup gets a site without them, and a warning. NULL where nothing was read. */
struct learner *learn_from(struct setup *setup, struct input *input);

#endif
