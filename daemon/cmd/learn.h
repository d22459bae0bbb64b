/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the logs of a scan once for what they prove, before they are judged.
 * Doesn't know: what is proved (engine/learner.h).
 * Owns:         nothing; the caller frees the learner.
 * Time:         timeless.
 * Fails:        if memory is short, nothing is learned beforehand.
 */
#ifndef RELAYWATCH_CMD_LEARN_H
#define RELAYWATCH_CMD_LEARN_H

#include "cmd/input.h"
#include "engine/learner.h"
#include "common/setup.h"

/* Reads the input unless the settings leave nothing to learn, and gives the site a seed. If they
 * turn out to be another host's, setup gets a site without them, and a warning. NULL if memory is
 * short. */
struct learner *learn_from(struct setup *setup, struct input *input);

#endif
