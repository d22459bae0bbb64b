/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads whole logs into a pipeline: files, plain or compressed, standard input,
 *               journals; several of them oldest first.
 * Doesn't know: what the pipeline finds.
 * Owns:         its buffers and descriptors, until input_close.
 * Time:         a file's last modification tells the year of dates without one.
 * Fails:        input_open reports the first unusable name and returns EXIT_CANNOT before anything
 *               is read. An error in the middle (a damaged .gz) is reported, and reading goes on.
 */
#ifndef RELAYWATCH_CMD_INPUT_H
#define RELAYWATCH_CMD_INPUT_H

#include "engine/pipeline.h"

struct input;

/* names: as in `scan FILE...`; "-" is standard input. 0 or EXIT_CANNOT. */
int input_open(char **names, int count, struct input **ret);
void input_close(struct input *input);

typedef void input_progress(void *ctx, uint64_t bytes, uint64_t of_bytes);
/* Feeds everything, in order; may be called again. 0, or EXIT_CANNOT if something could not be read
 * to its end. progress (or NULL) gets of_bytes 0 if no size is known. */
int input_read(struct input *input, struct pipeline *pipeline, input_progress *progress, void *ctx);
/* Points out, on standard error, what a person would wonder about: an empty file, no Postfix in
 * it. */
void input_remarks(const struct input *input, const struct pipeline *pipeline);

#endif
