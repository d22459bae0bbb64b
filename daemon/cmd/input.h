/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads whole logs into a pipeline: files, plain or packed, standard input, journals;
 *               several of them oldest first.
 * Doesn't know: what the pipeline finds.
 * Owns:         its buffers.
 * Time:         a file's last modification is the reference for dates without a year.
 * Fails:        input_open says what is wrong with which name and returns EXIT_CANNOT before
 *               anything was read. An error in the middle (a damaged .gz) is said, and the rest
 *               goes on.
 */
#ifndef RELAYWATCH_CMD_INPUT_H
#define RELAYWATCH_CMD_INPUT_H

#include "engine/learner.h"
#include "engine/pipeline.h"

struct input;

/* names: as in `scan FILE...`; "-" is standard input. 0 or EXIT_CANNOT. */
int input_open(char **names, int count, struct input **ret);
void input_close(struct input *input);

typedef void input_progress(void *ctx, uint64_t bytes, uint64_t of_bytes);
/* Feeds all of it, in order; may be called again. 0, or EXIT_CANNOT where something could not be
 * read to its end. of_bytes is 0 where the size is not known. */
int input_read(struct input *input, struct pipeline *pipeline, input_progress *progress, void *ctx);
/* Lets the learner see all of it, or as much as it wants. Nothing is said of what is wrong: input_read
 * comes to it. */
void input_learn(struct input *input, struct learner *learner, bool check_sender);
/* Says, on standard error, what a person would wonder about: an empty file, no Postfix in it. */
void input_remarks(const struct input *input, const struct pipeline *pipeline);

#endif
