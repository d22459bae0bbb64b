/* SPDX-License-Identifier: MIT */
#include "cmd/input_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/complain.h"
#include "parse/log_line.h"
#include "parse/syslog_cut.h"
#include "source/inflate.h"
#include "source/line_time.h"
#include "source/source_options.h"

static const struct input_file *piece(const struct input_stream *stream)
{
    return &stream->file[stream->at];
}

/* False: it can't be read, which is said. */
static bool open_piece(struct input_stream *stream)
{
    int fd = piece(stream)->fd;

    if (lseek(fd, 0, SEEK_SET) < 0 || inflate_open(fd, &stream->reader) < 0) {
        input_cannot(piece(stream)->name);
        stream->failed = true;
        return false;
    }
    line_time_reference(&stream->clock, piece(stream)->reference);
    return true;
}

static void close_piece(struct input_stream *stream)
{
    inflate_close(stream->reader);
    stream->reader = NULL;
}

bool input_stream_open(struct input_stream *stream, size_t block, bool quiet)
{
    stream->at = 0;
    stream->start = stream->whole = stream->have = 0;
    stream->skipping = stream->failed = false;
    stream->quiet = quiet;
    stream->taken = 0;
    stream->clock = (struct syslog_clock){0};
    stream->room = block + 2 * SOURCE_LINE_MAX;
    stream->buffer = malloc(stream->room);
    if (!stream->buffer) {
        input_cannot(piece(stream)->name);
        stream->failed = true;
        return false;
    }
    return open_piece(stream);
}

void input_stream_close(struct input_stream *stream)
{
    close_piece(stream);
    free(stream->buffer);
    stream->buffer = NULL;
}

/* A plain file goes from the kernel straight into the buffer that is parsed. */
static ssize_t read_some(struct input_stream *stream, char *buffer, size_t len)
{
    uint64_t taken = inflate_taken_bytes(stream->reader);
    ssize_t n;

    if (piece(stream)->packed) {
        n = inflate_read(stream->reader, buffer, len);
        stream->taken += inflate_taken_bytes(stream->reader) - taken;
        return n;
    }
    do
        n = read(piece(stream)->fd, buffer, len);
    while (n < 0 && errno == EINTR);
    stream->taken += n > 0 ? (uint64_t)n : 0;
    return n < 0 ? -errno : n;
}

/* Moves what is left to the front, to make room. */
static void compact(struct input_stream *stream)
{
    if (stream->start == 0)
        return;
    memmove(stream->buffer, stream->buffer + stream->start, stream->have - stream->start);
    stream->have -= stream->start;
    stream->whole -= stream->start;
    stream->start = 0;
}

/* Cuts `n` bytes out of what is no whole line yet. */
static void drop(struct input_stream *stream, size_t n)
{
    char *at = stream->buffer + stream->whole;

    stream->have -= n;
    memmove(at, at + n, stream->have - stream->whole);
}

/* Finds the lines that became whole. */
static void find_lines(struct input_stream *stream)
{
    const char *rest = stream->buffer + stream->whole;
    size_t len = stream->have - stream->whole;

    if (stream->skipping) {
        const char *end = memchr(rest, '\n', len);
        drop(stream, end ? (size_t)(end + 1 - rest) : len);
        stream->skipping = !end;
    }
    stream->whole += syslog_cut_whole(rest, stream->have - stream->whole, SOURCE_LINE_MAX);
    struct span tail = span_of(stream->buffer + stream->whole, stream->have - stream->whole);
    drop(stream, tail.len - log_line_without_zeros(tail).len);
}

/* False: the piece is read to its end. */
static bool read_more(struct input_stream *stream)
{
    ssize_t n;

    if (!stream->reader)
        return false;
    compact(stream);
    n = read_some(stream, stream->buffer + stream->have, stream->room - 2 * SOURCE_LINE_MAX);
    if (n < 0 && !stream->quiet)
        complain("%s: it ends early or is damaged (%s); all before that was read",
                 piece(stream)->name, strerror((int)-n));
    stream->failed |= n < 0;
    if (n <= 0) {
        close_piece(stream);
        return false;
    }
    stream->have += (size_t)n;
    find_lines(stream);
    return true;
}

/* A line that is longer than any: its beginning, and the rest is skipped. */
static bool cut_line(struct input_stream *stream)
{
    if (stream->have - stream->whole <= SOURCE_LINE_MAX)
        return false;
    stream->have = stream->whole += SOURCE_LINE_MAX;
    stream->skipping = true;
    return true;
}

/* The piece is over. A log cut in two goes on within a line; one that merely lacks its last newline
 * does not. */
static bool end_of_piece(struct input_stream *stream)
{
    const struct input_file *next = stream->at + 1 < stream->files ? piece(stream) + 1 : NULL;

    if (stream->have > stream->whole && (!next || next->starts_with_line)) {
        stream->whole = stream->have;
        return true;
    }
    if (!next)
        return false;
    stream->at++;
    return open_piece(stream);
}

bool input_stream_fill(struct input_stream *stream)
{
    while (stream->start == stream->whole)
        if (!cut_line(stream) && !read_more(stream) && !end_of_piece(stream))
            return false;
    return true;
}

/* The next line may stand alone with its time, which the line after it tells. */
static wall_us look_ahead(struct input_stream *stream)
{
    if (!stream->skipping && stream->whole - stream->start <= SOURCE_LINE_MAX &&
        stream->have - stream->whole <= SOURCE_LINE_MAX)
        read_more(stream);
    return line_time(&stream->clock, stream->buffer + stream->start, stream->whole - stream->start);
}

size_t input_stream_take(struct input_stream *stream, wall_us until, input_take *take, void *ctx,
                         wall_us *ret_next)
{
    const char *data = stream->buffer + stream->start;
    size_t have = stream->whole - stream->start;
    size_t len = line_time_until(&stream->clock, data, have, until, ret_next);

    if (len)
        take(ctx, data, len);
    stream->start += len;
    if (len<have && * ret_next - LINE_TIME_AHEAD> until)
        *ret_next = look_ahead(stream);
    return len;
}

wall_us input_stream_reference(const struct input_stream *stream)
{
    return stream->clock.reference;
}
