/* SPDX-License-Identifier: MIT */
/*
 * Does:         feeds whole logs to a pipeline, and says what a person would wonder about.
 * Doesn't know: what the pipeline finds.
 * Owns:         nothing.
 * Time:         as input.h.
 * Fails:        as input.h.
 */
#ifndef RELAYWATCH_CMD_JUDGE_INPUT_H
#define RELAYWATCH_CMD_JUDGE_INPUT_H

#include "cmd/input.h"
#include "engine/pipeline.h"

/* All of it, in order; one thread parses while this one judges. As input_read. */
int judge_input(struct input *input, struct pipeline *pipeline, input_progress *progress,
                void *ctx);
/* Says, on standard error, that there was nothing in it, or nothing of Postfix's. EXIT_CANNOT where
 * no line was one of a log, else 0. */
int judge_input_remarks(const struct input *input, const struct pipeline *pipeline);

#endif
