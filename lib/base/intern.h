/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps one reference-counted copy of each distinct text: client names, domains.
 * Doesn't know: what the texts mean.
 * Owns:         every struct intern, until its last reference is dropped.
 * Time:         timeless.
 * Fails:        intern_get returns NULL, and counts that, at the bound or when memory is short.
 */
#ifndef RELAYWATCH_BASE_INTERN_H
#define RELAYWATCH_BASE_INTERN_H

#include "base/span.h"

struct intern {
    uint32_t hash;
    uint32_t refs;
    uint32_t len : 31;
    uint32_t alone : 1; /* from intern_make: in no table, and not unique */
    char at[];          /* len bytes and a NUL */
};

struct interns {
    /* Open addressing. Not a hash_index: pointers save the step from a number to the text, which
     * would cost a cache miss in every line. */
    struct intern **slot;
    uint32_t slot_count; /* a power of two, at least twice the texts: chains stay short */
    uint32_t used;
    uint32_t max;     /* distinct texts */
    uint64_t refused; /* calls of intern_get that returned NULL */
    uint64_t seed;
    /* What is allocated, so that it can be bounded: `bytes` for texts and their slots, and for the
     * messages that hold texts (tracker.h); `listed` for tallies, with the texts that they hold. */
    uint64_t bytes, listed;
};

/* What a text of that length takes, with malloc's own share. */
static inline uint32_t intern_bytes(uint32_t len)
{
    return ((uint32_t)sizeof(struct intern) + len + 1 + 8 + 15) & ~15u;
}

bool interns_init(struct interns *texts, uint32_t max, uint64_t seed);
void interns_done(struct interns *texts);
/* For the snapshot. slot_count is a power of two, at least twice the number of texts. */
bool interns_resize(struct interns *texts, uint32_t slot_count);

/* The text, with one more reference, which intern_put drops. Equal texts give equal pointers. */
struct intern *intern_get(struct interns *texts, struct span s);
/* The same, where interns_hash has given the hash already. */
struct intern *intern_get_hashed(struct interns *texts, struct span s, uint32_t hash);
/* A copy that is not shared, for text that hardly ever repeats (sender addresses): looking it up
 * would cost more than it saves. NULL when memory is short. */
struct intern *intern_make(struct interns *texts, struct span s);
/* Takes one more reference, and returns the text; NULL is fine. */
struct intern *intern_ref(struct intern *text);
/* Drops one reference; NULL is fine. */
void intern_put(struct interns *texts, struct intern *text);

/* The hash of the text in this table, whether it is there or not. */
uint32_t interns_hash(const struct interns *texts, struct span s);
/* Prefetch what intern_get will read: first the slot, and a little later the text. */
static inline void interns_prefetch_slot(const struct interns *texts, uint32_t hash)
{
    __builtin_prefetch(&texts->slot[hash & (texts->slot_count - 1)]);
}
static inline void interns_prefetch_entry(const struct interns *texts, uint32_t hash)
{
    uint32_t mask = texts->slot_count - 1;

    __builtin_prefetch(texts->slot[hash & mask], 1);
    __builtin_prefetch(texts->slot[(hash + 1) & mask], 1);
}

static inline struct span intern_span(const struct intern *text)
{
    return text ? span_of(text->at, text->len) : SPAN_NONE;
}

#endif
