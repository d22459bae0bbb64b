/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers and spans as little-endian bytes: written through a buffer, read with every
 *               bound checked.
 * Doesn't know: what they mean.
 * Owns:         the buffer and the texts' numbers while writing, the texts while reading.
 * Time:         timeless.
 * Fails:        sticky: after a failure writing does nothing and reading gives zeros, so the check
 *               may wait; loops have to look at `failed`.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_BYTES_H
#define RELAYWATCH_ENGINE_SNAPSHOT_BYTES_H

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "parse/queue_id.h"

/* The reason of a failure takes at most so many bytes. */
enum { SNAPSHOT_WHY_MAX = 160 };
/* The one reason that says nothing about the bytes. */
#define SNAPSHOT_NO_MEMORY "memory is short"

/* Takes the next bytes; a result below 0 ends the writing and becomes its result. */
typedef int snapshot_put(void *ctx, const void *data, size_t len);

/* --- writing ---------------------------------------------------------------------------------- */

enum { SNAPSHOT_BUFFER = 256 * 1024, SNAPSHOT_TEXT_INLINE = 0xffffffff };

/* Texts are numbered from 1 in the order of their table, from the slot behind a free one on, so
 * that putting them back in that order makes the same table. */
struct writer {
    snapshot_put *put;
    void *ctx;
    int error;
    size_t used;
    const struct interns *texts;
    uint32_t first_slot; /* behind a free one */
    uint64_t *taken;     /* a bit a slot, counted from first_slot */
    uint32_t *before;    /* texts before each 64 slots */
    char buffer[SNAPSHOT_BUFFER];
};

static inline void write_out(struct writer *w)
{
    if (!w->error && w->used) {
        int r = w->put(w->ctx, w->buffer, w->used);
        w->error = r < 0 ? r : 0;
    }
    w->used = 0;
}

/* n bytes to fill; n is at most 64. */
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

static inline void write_span(struct writer *w, struct span s)
{
    write_u32(w, (uint32_t)s.len);
    write_bytes(w, s.at, s.len);
}

static inline void write_id(struct writer *w, struct queue_id id)
{
    write_u64(w, id.lo);
    write_u64(w, id.hi);
}

/* Counters, which are a struct of nothing else. */
static inline void write_numbers(struct writer *w, const uint64_t *n, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*n); i++)
        write_u64(w, n[i]);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct pipeline;

struct reader {
    struct span rest;
    struct pipeline *p;    /* what is read goes there */
    struct intern **texts; /* by number - 1; each held once until the end */
    uint32_t text_count;
    bool failed;
    char *why; /* SNAPSHOT_WHY_MAX bytes */
};

/* The first reason stands. */
static inline bool read_fail(struct reader *r, const char *why)
{
    if (!r->failed)
        snprintf(r->why, SNAPSHOT_WHY_MAX, "%s", why);
    r->failed = true;
    r->rest.len = 0;
    return false;
}

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

static inline struct span read_span(struct reader *r)
{
    uint32_t len = read_u32(r);
    const char *at = read_bytes(r, len);

    return at ? span_of(at, len) : SPAN_NONE;
}

/* A number that has to be below `end`; 0 where it is not. */
static inline uint32_t read_below(struct reader *r, uint64_t n, uint64_t end, const char *what)
{
    if (n < end)
        return (uint32_t)n;
    read_fail(r, what);
    return 0;
}

/* How many follow that take at least `each` bytes: never more than there can be. */
static inline uint32_t read_count(struct reader *r, size_t each)
{
    uint32_t n = read_u32(r);

    return read_below(r, n, r->rest.len / each + 1, "a count is larger than what follows");
}

static inline void read_numbers(struct reader *r, uint64_t *n, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*n); i++)
        n[i] = read_u64(r);
}

#endif
