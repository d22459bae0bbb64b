/* SPDX-License-Identifier: MIT */
/*
 * Does:         hands over the lines of one log up to a given time: a file, or the pieces of one
 *               that was cut within its lines.
 * Doesn't know: other logs; who takes the lines.
 * Owns:         its buffer, while it is open. The files are the caller's.
 * Time:         its lines' own, as in line_time.h.
 * Fails:        input_stream_open says why and returns false. An error in the middle (a damaged
 *               .gz) is said, and ends the file; the next piece goes on.
 */
#ifndef RELAYWATCH_CMD_INPUT_STREAM_H
#define RELAYWATCH_CMD_INPUT_STREAM_H

#include <stddef.h>

#include "cmd/input_file.h"
#include "parse/syslog_date.h"

struct inflate;

struct input_stream {
    const struct input_file *file; /* the first of `files` pieces */
    int files, at;
    struct inflate *reader; /* of the piece at `at`; NULL: not open, or at its end */
    char *buffer;           /* [start .. whole) is whole lines, [whole .. have) the rest */
    size_t room, start, whole, have;
    bool skipping; /* within the rest of a line that was too long */
    bool quiet;    /* errors are not said */
    bool failed;
    uint32_t log;   /* the caller's number for it */
    uint64_t taken; /* bytes of its files that were read */
    struct syslog_clock clock;
};

typedef void input_take(void *ctx, const char *data, size_t len);

/* block: how much is read at once. */
bool input_stream_open(struct input_stream *stream, size_t block, bool quiet);
void input_stream_close(struct input_stream *stream);

/* Makes sure that there are lines to hand over; false at the end. */
bool input_stream_fill(struct input_stream *stream);
/* Hands over lines no later than `until`, of those that are there, and returns how many bytes. Only
 * the last may lack its newline. *ret_next is when the next of them comes, if any are left. */
size_t input_stream_take(struct input_stream *stream, wall_us until, input_take *take, void *ctx,
                         wall_us *ret_next);
/* Gives the year to dates without one, for the lines that are there. */
wall_us input_stream_reference(const struct input_stream *stream);

#endif
