/* SPDX-License-Identifier: MIT */
/*
 * Does:         builds text that grows up to a bound.
 * Doesn't know: what the text is.
 * Owns:         its bytes, until buf_done frees them or buf_take hands them over.
 * Time:         timeless.
 * Fails:        past the bound, or when memory is short, `failed` is set and later additions do
 *               nothing, so checking once at the end is enough.
 *
 *     struct buf out = buf_new(1024);
 *     buf_add_str(&out, "key = ");
 *     buf_printf(&out, "%d", n);
 *     return buf_take(&out);
 */
#ifndef RELAYWATCH_BASE_BUF_H
#define RELAYWATCH_BASE_BUF_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"

struct buf {
    char *at; /* NUL-terminated, or NULL before the first addition */
    size_t len, room;
    size_t max; /* bytes of text */
    bool failed;
};

/* An empty buffer for up to max bytes of text; allocates nothing yet. */
static inline struct buf buf_new(size_t max)
{
    return (struct buf){.max = max};
}

/* Frees the text. The buffer then takes no more. */
static inline void buf_done(struct buf *buf)
{
    free(buf->at);
    *buf = (struct buf){0};
}

/* Room for n more bytes and a NUL. */
static inline bool buf_reserve(struct buf *buf, size_t n)
{
    size_t room = buf->room ? buf->room : 64;

    if (buf->failed || n > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    while (room < buf->len + n + 1)
        room *= 2;
    if (room > buf->room) {
        char *at = realloc(buf->at, room);
        if (!at) {
            buf->failed = true;
            return false;
        }
        buf->at = at;
        buf->room = room;
    }
    return true;
}

/* Adds the whole of s or, past the bound, nothing of it. */
static inline void buf_add(struct buf *buf, struct span s)
{
    if (!buf_reserve(buf, s.len))
        return;
    if (s.len)
        memcpy(buf->at + buf->len, s.at, s.len);
    buf->len += s.len;
    buf->at[buf->len] = '\0';
}

static inline void buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, span_str(text));
}

/* Formats twice, first to learn the length: text may be of any size up to the bound. */
__attribute__((format(printf, 2, 3))) static inline void buf_printf(struct buf *buf,
                                                                    const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && buf_reserve(buf, (size_t)n)) {
        vsnprintf(buf->at + buf->len, (size_t)n + 1, format, again);
        buf->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

/* The text so far, borrowed until the next addition. */
static inline struct span buf_span(const struct buf *buf)
{
    return span_of(buf->at, buf->len);
}

/* The text, which the caller frees; NULL if anything failed. Leaves the buffer empty. */
static inline char *buf_take(struct buf *buf)
{
    buf_add(buf, SPAN_NONE); /* so that empty text is "" and not NULL */
    char *at = buf->at;
    if (buf->failed) {
        free(at);
        at = NULL;
    }
    *buf = (struct buf){0};
    return at;
}

#endif
