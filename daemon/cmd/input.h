/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads whole logs: files, plain or packed, standard input, journals;
 *               several of them oldest first.
 * Doesn't know: who takes them.
 * Owns:         its buffers.
 * Time:         a file's last modification is the reference for dates without a year.
 * Fails:        input_open says what is wrong with which name, and returns EXIT_CANNOT before
 *               anything was read, unless it may go on without it. An error in the middle (a
 *               damaged .gz) is said, and the rest goes on.
 */
#ifndef RELAYWATCH_CMD_INPUT_H
#define RELAYWATCH_CMD_INPUT_H

#include "cmd/input_pump.h"

struct input;

/* names: as in `scan FILE...`; "-" is standard input. go_on: what can't be read, or is no log, is
 * left out where there are others, which input_left_out tells. 0 or EXIT_CANNOT. */
int input_open(char **names, int count, bool go_on, struct input **ret);
/* What a daemon follows, with all that was rotated: `open` is called for each reading, and passes
 * the options on to a source. since: when to begin, or earlier. 0 or EXIT_CANNOT. */
typedef int input_open_source(void *ctx, const struct source_options *options, struct source **ret);
int input_open_log(input_open_source *open, void *ctx, wall_us since, struct input **ret);
void input_close(struct input *input);

typedef void input_progress(void *ctx, uint64_t bytes, uint64_t of_bytes);
/* Hands over all of it, in order, or as much as the sink wants; may be called again. quiet: nothing
 * is said of what is wrong. 0, or EXIT_CANNOT where something could not be read to its end.
 * of_bytes is 0 where the size is not known. */
int input_read(struct input *input, const struct input_sink *sink, bool check_sender, bool quiet,
               input_progress *progress, void *ctx);
/* Journal entries of the last reading that Postfix did not write. */
uint64_t input_refused(const struct input *input);
/* Whether some of what was named is not read. It was said. */
bool input_left_out(const struct input *input);
/* Somebody has named what is read: it is not a daemon's log. */
bool input_is_named(const struct input *input);
bool input_has_journal(const struct input *input);
/* The file's name, "the logs" or "its log"; for people. */
const char *input_name(const struct input *input);

#endif
