/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps each distinct text once, counted by reference: client names, addresses,
 *               domains.
 * Doesn't know: what the texts mean.
 * Owns:         every struct text; one lives until its last reference is dropped.
 * Time:         timeless.
 * Fails:        text_get returns NULL at the table's bound or when memory is short, and counts it.
 */
#ifndef RELAYWATCH_TEXT_H
#define RELAYWATCH_TEXT_H

#include "base/span.h"

struct text {
    uint32_t hash;
    uint32_t refs;
    uint32_t len : 31;
    uint32_t alone : 1; /* made by text_make: in no table, equal ones may exist */
    char at[];          /* len bytes and a NUL */
};

struct texts {
    struct text **slot;  /* open addressing */
    uint32_t slot_count; /* a power of two, four times the texts: a wrong slot is a cache miss */
    uint32_t used;
    uint32_t max;     /* distinct texts at most */
    uint64_t refused; /* text_get that found the table full */
    uint64_t seed;
};

bool texts_init(struct texts *texts, uint32_t max, uint64_t seed);
void texts_done(struct texts *texts);
/* A table of that size, a power of two and at least twice what is in it; for the snapshot. */
bool texts_resize(struct texts *texts, uint32_t slot_count);

/* The text, with one more reference; dropped with text_put. Equal texts give equal pointers. */
struct text *text_get(struct texts *texts, struct span s);
/* A text of its own, for what is nearly always different (sender addresses): looking for an equal
 * one would cost more than it saves. NULL when memory is short. */
struct text *text_make(struct span s);
/* One more reference to a text that is held already; NULL passes through. */
struct text *text_ref(struct text *text);
/* Drops one reference; NULL is fine. */
void text_put(struct texts *texts, struct text *text);

/* The hash that the text has, or would have, here. */
uint32_t texts_hash(const struct texts *texts, struct span s);
/* Asks the processor for what text_get will read: first the slot, a while later the text. */
uint32_t texts_prefetch(const struct texts *texts, struct span s);
static inline void texts_prefetch_text(const struct texts *texts, uint32_t hash)
{
    const struct text *text = texts->slot[hash & (texts->slot_count - 1)];

    if (text)
        __builtin_prefetch(text, 1);
}

static inline struct span text_span(const struct text *text)
{
    return text ? span_of(text->at, text->len) : SPAN_NONE;
}

#endif
