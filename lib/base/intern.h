/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps each distinct text once, counted by reference: client names, addresses,
 *               domains.
 * Doesn't know: what the texts mean.
 * Owns:         every struct intern; one lives until its last reference is dropped.
 * Time:         timeless.
 * Fails:        intern_get returns NULL at the table's bound or when memory is short, and counts it.
 */
#ifndef RELAYWATCH_BASE_INTERN_H
#define RELAYWATCH_BASE_INTERN_H

#include "base/span.h"

struct intern {
    uint32_t hash;
    uint32_t refs;
    uint32_t len : 31;
    uint32_t alone : 1; /* made by intern_make: in no table, equal ones may exist */
    char at[];          /* len bytes and a NUL */
};

struct interns {
    struct intern **slot; /* open addressing */
    uint32_t slot_count;  /* a power of two, four times the texts: a wrong slot is a cache miss */
    uint32_t used;
    uint32_t max;     /* distinct texts at most */
    uint64_t refused; /* intern_get that found the table full */
    uint64_t seed;
};

bool interns_init(struct interns *texts, uint32_t max, uint64_t seed);
void interns_done(struct interns *texts);
/* A table of that size, a power of two and at least twice what is in it; for the snapshot. */
bool interns_resize(struct interns *texts, uint32_t slot_count);

/* The text, with one more reference; dropped with intern_put. Equal texts give equal pointers. */
struct intern *intern_get(struct interns *texts, struct span s);
/* A text of its own, for what is nearly always different (sender addresses): looking for an equal
 * one would cost more than it saves. NULL when memory is short. */
struct intern *intern_make(struct span s);
/* One more reference to a text that is held already; NULL passes through. */
struct intern *intern_ref(struct intern *text);
/* Drops one reference; NULL is fine. */
void intern_put(struct interns *texts, struct intern *text);

/* The hash that the text has, or would have, here. */
uint32_t interns_hash(const struct interns *texts, struct span s);
/* Asks the processor for what intern_get will read: first the slot, a while later the text. */
uint32_t interns_prefetch(const struct interns *texts, struct span s);
static inline void interns_prefetch_entry(const struct interns *texts, uint32_t hash)
{
    const struct intern *text = texts->slot[hash & (texts->slot_count - 1)];

    if (text)
        __builtin_prefetch(text, 1);
}

static inline struct span intern_span(const struct intern *text)
{
    return text ? span_of(text->at, text->len) : SPAN_NONE;
}

#endif
