/* SPDX-License-Identifier: MIT */
/*
 * Does:         feeds whole logs to a pipeline, and remarks on what a person would wonder about.
 * Doesn't know: what the pipeline finds.
 * Owns:         nothing.
 * Time:         as input.h.
 * Fails:        as input.h.
 */
#ifndef RELAYWATCH_CMD_JUDGE_INPUT_H
#define RELAYWATCH_CMD_JUDGE_INPUT_H

#include "cmd/input.h"
#include "engine/pipeline.h"

/* Judges all of it, in order. If that helps, another thread judges while this one parses. Returns
 * as input_read does. */
int judge_input(struct input *input, struct pipeline *pipeline, input_progress *progress,
                void *ctx);
/* Remarks, on standard error, if there was nothing in it, or nothing by Postfix. EXIT_CANNOT if no
 * line was a log line, else 0. */
int judge_input_remarks(const struct input *input, const struct pipeline *pipeline);

#endif
