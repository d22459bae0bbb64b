/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes numbers and spans as little-endian bytes through a buffer, and reads them
 *               back with every bound checked.
 * Doesn't know: what they mean.
 * Owns:         the buffer and the numbers of texts while writing, the texts while reading.
 * Time:         timeless.
 * Fails:        errors are sticky: after one, writing does nothing and reading returns zeros. So
 *               the check may wait until the end, but loops must check `failed`.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_BYTES_H
#define RELAYWATCH_ENGINE_SNAPSHOT_BYTES_H

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "parse/queue_id.h"

/* Room for the reason of a failure, with its NUL. */
enum { SNAPSHOT_WHY_MAX = 160 };
/* The one reason that does not mean the bytes are bad. */
#define SNAPSHOT_NO_MEMORY "memory is short"

/* Receives the next bytes, which are borrowed during the call. A negative result ends the writing
 * and becomes its result. */
typedef int snapshot_put(void *ctx, const void *data, size_t len);

/* --- writing ---------------------------------------------------------------------------------- */

enum { SNAPSHOT_BUFFER = 256 * 1024, SNAPSHOT_TEXT_INLINE = 0xffffffff };

/* Texts are numbered from 1 in the order of their table, starting at the slot after a free one.
 * Inserting them in that order makes the same table again. */
struct writer {
    snapshot_put *put;
    void *ctx;
    int error;   /* 0, or put's negative result */
    size_t used; /* bytes in the buffer */
    const struct interns *texts;
    uint32_t first_slot; /* the slot after a free one */
    uint64_t *taken;     /* a bit for each slot, from first_slot */
    uint32_t *before;    /* the number of texts before each 64 slots */
    char buffer[SNAPSHOT_BUFFER];
};

/* Passes the buffer on, and empties it. After an error the bytes are dropped. */
static inline void write_out(struct writer *w)
{
    if (!w->error && w->used) {
        int r = w->put(w->ctx, w->buffer, w->used);
        w->error = r < 0 ? r : 0;
    }
    w->used = 0;
}

/* Room for the next n bytes, to be filled at once; n is at most 64. */
static inline char *write_room(struct writer *w, size_t n)
{
    if (w->used + n > SNAPSHOT_BUFFER)
        write_out(w);
    w->used += n;
    return w->buffer + w->used - n;
}

static inline void write_u8(struct writer *w, uint8_t n)
{
    *write_room(w, 1) = (char)n;
}

static inline void write_u16(struct writer *w, uint16_t n)
{
    n = htole16(n);
    memcpy(write_room(w, sizeof(n)), &n, sizeof(n));
}

static inline void write_u32(struct writer *w, uint32_t n)
{
    n = htole32(n);
    memcpy(write_room(w, sizeof(n)), &n, sizeof(n));
}

static inline void write_u64(struct writer *w, uint64_t n)
{
    n = htole64(n);
    memcpy(write_room(w, sizeof(n)), &n, sizeof(n));
}

/* Any number of bytes, without their length. */
static inline void write_bytes(struct writer *w, const char *at, size_t len)
{
    while (len) {
        size_t n = SNAPSHOT_BUFFER - w->used;
        if (n > len)
            n = len;
        memcpy(w->buffer + w->used, at, n);
        w->used += n;
        at += n;
        len -= n;
        if (w->used == SNAPSHOT_BUFFER)
            write_out(w);
    }
}

/* The length in four bytes, then the bytes. */
static inline void write_span(struct writer *w, struct span s)
{
    write_u32(w, (uint32_t)s.len);
    write_bytes(w, s.at, s.len);
}

/* Read back by read_id, which checks it: snapshot_texts.h. */
static inline void write_id(struct writer *w, struct queue_id id)
{
    write_u64(w, id.lo);
    write_u64(w, id.hi);
}

/* A struct of counters that has no other members; `bytes` is its size. */
static inline void write_numbers(struct writer *w, const uint64_t *n, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*n); i++)
        write_u64(w, n[i]);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct pipeline;

struct reader {
    struct span rest;      /* what has not been read yet; borrowed */
    struct pipeline *p;    /* the pipeline being restored */
    struct intern **texts; /* by number - 1; one reference each until drop_texts */
    uint32_t text_count;
    bool failed;
    char *why; /* the reason; SNAPSHOT_WHY_MAX bytes */
};

/* Fails the reading. The first reason stands. Returns false, for the caller to return. */
static inline bool read_fail(struct reader *r, const char *why)
{
    if (!r->failed)
        snprintf(r->why, SNAPSHOT_WHY_MAX, "%s", why);
    r->failed = true;
    r->rest.len = 0;
    return false;
}

/* The next n bytes, borrowed from the input; NULL if there are fewer. */
static inline const char *read_bytes(struct reader *r, size_t n)
{
    const char *at = r->rest.at;

    if (n > r->rest.len) {
        read_fail(r, "it ends too early");
        return NULL;
    }
    r->rest = span_skip(r->rest, n);
    return at;
}

static inline uint8_t read_u8(struct reader *r)
{
    const char *at = read_bytes(r, 1);

    return at ? (uint8_t)*at : 0;
}

static inline uint16_t read_u16(struct reader *r)
{
    const char *at = read_bytes(r, 2);
    uint16_t n = 0;

    if (at)
        memcpy(&n, at, 2);
    return le16toh(n);
}

static inline uint32_t read_u32(struct reader *r)
{
    const char *at = read_bytes(r, 4);
    uint32_t n = 0;

    if (at)
        memcpy(&n, at, 4);
    return le32toh(n);
}

static inline uint64_t read_u64(struct reader *r)
{
    const char *at = read_bytes(r, 8);
    uint64_t n = 0;

    if (at)
        memcpy(&n, at, 8);
    return le64toh(n);
}

/* Borrowed from the input; empty after a failure. */
static inline struct span read_span(struct reader *r)
{
    uint32_t len = read_u32(r);
    const char *at = read_bytes(r, len);

    return at ? span_of(at, len) : SPAN_NONE;
}

/* n if it is below `end`; otherwise 0, and the reading fails with `what` as the reason. */
static inline uint32_t read_below(struct reader *r, uint64_t n, uint64_t end, const char *what)
{
    if (n < end)
        return (uint32_t)n;
    read_fail(r, what);
    return 0;
}

/* Reads how many items follow. Fails if that many, of at least `each` bytes, can't follow. A caller
 * may therefore allocate room for all of them. */
static inline uint32_t read_count(struct reader *r, size_t each)
{
    uint32_t n = read_u32(r);

    return read_below(r, n, r->rest.len / each + 1, "a count is larger than what follows");
}

/* The counterpart of write_numbers. */
static inline void read_numbers(struct reader *r, uint64_t *n, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*n); i++)
        n[i] = read_u64(r);
}

#endif
