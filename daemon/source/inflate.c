/* SPDX-License-Identifier: MIT */
/*
 * zlib and zstd are driven one step at a time from one input buffer, because a log may be a pipe,
 * and because a damaged file should still yield what comes before the damage.
 */
#include "source/inflate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#define INPUT_BYTES ((size_t)128 * 1024)
#define MAGIC_BYTES 4

enum format { FORMAT_UNKNOWN, FORMAT_PLAIN, FORMAT_GZIP, FORMAT_ZSTD };

struct inflate {
    int fd;
    enum format format;
    bool input_ended;   /* read(2) returned 0 */
    bool inside;        /* within a gzip member or zstd frame */
    int error;          /* negative errno that every later call returns; 0: none */
    uint64_t taken;     /* bytes read from fd */
    size_t at, have;    /* unread input is input[at..have) */
    z_stream gzip;      /* initialised if format is FORMAT_GZIP */
    ZSTD_DStream *zstd; /* likewise for FORMAT_ZSTD */
    unsigned char input[INPUT_BYTES];
};

int inflate_open(int fd, struct inflate **ret)
{
    struct inflate *reader = malloc(sizeof(*reader));

    if (!reader)
        return -ENOMEM;
    memset(reader, 0, offsetof(struct inflate, input));
    reader->fd = fd;
    *ret = reader;
    return 0;
}

void inflate_close(struct inflate *reader)
{
    if (!reader)
        return;
    if (reader->format == FORMAT_GZIP)
        inflateEnd(&reader->gzip);
    ZSTD_freeDStream(reader->zstd);
    free(reader);
}

bool inflate_is_packed(const struct inflate *reader)
{
    return reader->format == FORMAT_GZIP || reader->format == FORMAT_ZSTD;
}

uint64_t inflate_taken_bytes(const struct inflate *reader)
{
    return reader->taken;
}

static int fill(struct inflate *reader)
{
    ssize_t n;

    if (reader->at == reader->have)
        reader->at = reader->have = 0;
    if (reader->input_ended || reader->have == INPUT_BYTES)
        return 0;
    n = read(reader->fd, reader->input + reader->have, INPUT_BYTES - reader->have);
    if (n < 0)
        return -errno;
    if (n == 0)
        reader->input_ended = true;
    reader->have += (size_t)n;
    reader->taken += (uint64_t)n;
    return 0;
}

static bool is_gzip(const unsigned char *magic)
{
    return magic[0] == 0x1f && magic[1] == 0x8b && magic[2] == 8;
}

/* A zstd frame, or a skippable frame, which pzstd puts at the start of its files. */
static bool is_zstd(const unsigned char *magic)
{
    bool frame = magic[0] == 0x28 && magic[1] == 0xb5 && magic[2] == 0x2f && magic[3] == 0xfd;
    bool skippable =
        (magic[0] & 0xf0) == 0x50 && magic[1] == 0x2a && magic[2] == 0x4d && magic[3] == 0x18;

    return frame || skippable;
}

static int set_up(struct inflate *reader, enum format format)
{
    if (format == FORMAT_GZIP && inflateInit2(&reader->gzip, 15 + 16) != Z_OK)
        return -ENOMEM;
    if (format == FORMAT_ZSTD && !(reader->zstd = ZSTD_createDStream()))
        return -ENOMEM;
    reader->format = format;
    return 0;
}

/* A pipe may deliver one byte at a time, so collect the magic bytes first. */
static int find_format(struct inflate *reader)
{
    while (reader->have < MAGIC_BYTES && !reader->input_ended) {
        int r = fill(reader);
        if (r < 0)
            return r;
    }
    if (reader->have >= MAGIC_BYTES && is_gzip(reader->input))
        return set_up(reader, FORMAT_GZIP);
    if (reader->have >= MAGIC_BYTES && is_zstd(reader->input))
        return set_up(reader, FORMAT_ZSTD);
    return set_up(reader, FORMAT_PLAIN);
}

static ssize_t read_plain(struct inflate *reader, void *buf, size_t len)
{
    size_t n;

    if (reader->at == reader->have) {
        int r = fill(reader);
        if (r < 0)
            return r;
    }
    n = reader->have - reader->at;
    if (n > len)
        n = len;
    if (n > 0)
        memcpy(buf, reader->input + reader->at, n);
    reader->at += n;
    return (ssize_t)n;
}

/* One step of zlib. Returns bytes written, which may be 0, or -EBADMSG. */
static ssize_t step_gzip(struct inflate *reader, void *buf, size_t len)
{
    z_stream *z = &reader->gzip;
    int r;

    z->next_in = reader->input + reader->at;
    z->avail_in = (uInt)(reader->have - reader->at);
    z->next_out = buf;
    z->avail_out = len > 1u << 30 ? 1u << 30 : (uInt)len;
    len = z->avail_out;
    reader->inside = true;
    r = inflate(z, Z_NO_FLUSH);
    reader->at = reader->have - z->avail_in;
    if (r == Z_STREAM_END) {
        reader->inside = false;
        inflateReset(z);
    } else if (r == Z_MEM_ERROR) {
        reader->error = -ENOMEM;
    } else if (r != Z_OK && r != Z_BUF_ERROR) {
        reader->error = -EBADMSG;
    }
    return (ssize_t)(len - z->avail_out);
}

static ssize_t step_zstd(struct inflate *reader, void *buf, size_t len)
{
    ZSTD_inBuffer in = {reader->input, reader->have, reader->at};
    ZSTD_outBuffer out = {buf, len, 0};
    size_t r = ZSTD_decompressStream(reader->zstd, &out, &in);

    reader->at = in.pos;
    if (ZSTD_isError(r))
        reader->error = -EBADMSG;
    else
        reader->inside = r != 0;
    return (ssize_t)out.pos;
}

/* Tapes and block devices pad a gzip file with zeros; gzip(1) skips them silently, and so do we. */
static void skip_padding(struct inflate *reader)
{
    while (reader->at < reader->have && reader->input[reader->at] == 0)
        reader->at++;
}

/* Loops until a step yields text, because headers and small blocks yield none. Between two members
 * the end of the input is a proper end; within one it is -EIO. */
static ssize_t read_packed(struct inflate *reader, void *buf, size_t len)
{
    for (;;) {
        ssize_t n;
        int r = 0;

        if (reader->format == FORMAT_GZIP && !reader->inside)
            skip_padding(reader);
        if (reader->at == reader->have)
            r = fill(reader);
        if (r < 0)
            return r;
        if (reader->at == reader->have && !reader->inside)
            return 0;
        n = reader->format == FORMAT_GZIP ? step_gzip(reader, buf, len)
                                          : step_zstd(reader, buf, len);
        if (n > 0)
            return n;
        if (reader->error)
            return reader->error;
        if (reader->input_ended && reader->at == reader->have && reader->inside)
            return reader->error = -EIO;
    }
}

ssize_t inflate_read(struct inflate *reader, void *buf, size_t len)
{
    ssize_t n;

    if (reader->error)
        return reader->error;
    if (reader->format == FORMAT_UNKNOWN) {
        int r = find_format(reader);
        if (r < 0)
            return r;
    }
    n = reader->format == FORMAT_PLAIN ? read_plain(reader, buf, len)
                                       : read_packed(reader, buf, len);
    if (n < 0 && n != -EAGAIN && n != -EINTR)
        reader->error = (int)n;
    return n;
}
