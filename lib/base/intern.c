/* SPDX-License-Identifier: MIT */
#include "base/intern.h"

#include <stdlib.h>

#include "base/hash.h"

enum { SLOTS_MIN = 256 }; /* a power of two */

bool interns_init(struct interns *texts, uint32_t max, uint64_t seed)
{
    *texts = (struct interns){.slot_count = SLOTS_MIN, .max = max, .seed = seed};
    texts->bytes = SLOTS_MIN * sizeof(*texts->slot);
    texts->slot = calloc(SLOTS_MIN, sizeof(*texts->slot));
    return texts->slot != NULL;
}

void interns_done(struct interns *texts)
{
    for (uint32_t i = 0; texts->slot && i < texts->slot_count; i++)
        free(texts->slot[i]);
    free(texts->slot);
    *texts = (struct interns){0};
}

/* Needs no keys: each text has its hash. */
static bool resize(struct interns *texts, uint32_t slot_count)
{
    struct intern **slot = calloc(slot_count, sizeof(*slot));

    if (!slot)
        return false;
    for (uint32_t i = 0; i < texts->slot_count; i++) {
        struct intern *text = texts->slot[i];
        if (!text)
            continue;
        uint32_t at = text->hash & (slot_count - 1);
        while (slot[at])
            at = (at + 1) & (slot_count - 1);
        slot[at] = text;
    }
    free(texts->slot);
    texts->bytes += slot_count * sizeof(*slot) - texts->slot_count * sizeof(*slot);
    texts->slot = slot;
    texts->slot_count = slot_count;
    return true;
}

/* One allocation for the head, the text and its NUL. */
static struct intern *make(struct interns *texts, uint32_t hash, struct span s)
{
    struct intern *text = malloc(sizeof(*text) + s.len + 1);

    if (!text)
        return NULL;
    *text = (struct intern){.hash = hash, .refs = 1, .len = s.len & 0x7fffffff};
    if (s.len)
        memcpy(text->at, s.at, s.len);
    text->at[s.len] = '\0';
    texts->bytes += intern_bytes(text->len);
    return text;
}

uint32_t interns_hash(const struct interns *texts, struct span s)
{
    return (uint32_t)hash_bytes(s, texts->seed);
}

bool interns_resize(struct interns *texts, uint32_t slot_count)
{
    return resize(texts, slot_count);
}

struct intern *intern_get(struct interns *texts, struct span s)
{
    return intern_get_hashed(texts, s, interns_hash(texts, s));
}

struct intern *intern_get_hashed(struct interns *texts, struct span s, uint32_t hash)
{
    uint32_t at = hash & (texts->slot_count - 1);
    struct intern *text;

    while ((text = texts->slot[at]) != NULL) {
        if (text->hash == hash && span_equal(intern_span(text), s)) {
            text->refs++;
            return text;
        }
        at = (at + 1) & (texts->slot_count - 1);
    }
    /* `len` has 31 bits. At the bound nothing is evicted: others hold references. */
    if (texts->used >= texts->max || s.len > UINT32_MAX / 2) {
        texts->refused++;
        return NULL;
    }
    if (texts->used >= texts->slot_count / 2) {
        if (!resize(texts, texts->slot_count * 2)) {
            texts->refused++;
            return NULL;
        }
        /* The slots have moved, so look for the free one again. */
        at = hash & (texts->slot_count - 1);
        while (texts->slot[at])
            at = (at + 1) & (texts->slot_count - 1);
    }
    text = make(texts, hash, s);
    if (!text) {
        texts->refused++;
        return NULL;
    }
    texts->slot[at] = text;
    texts->used++;
    return text;
}

struct intern *intern_make(struct interns *texts, struct span s)
{
    /* It is in no table, so it needs no hash. */
    struct intern *text = make(texts, 0, s);

    if (text)
        text->alone = 1;
    return text;
}

struct intern *intern_ref(struct intern *text)
{
    if (text)
        text->refs++;
    return text;
}

/* Closes the gap left by a removed entry: moves back whatever it pushed on. */
static void unlink_slot(struct interns *texts, uint32_t gap)
{
    uint32_t mask = texts->slot_count - 1;
    uint32_t at = gap;

    for (;;) {
        at = (at + 1) & mask;
        struct intern *text = texts->slot[at];
        if (!text)
            break;
        if (((at - text->hash) & mask) >= ((at - gap) & mask)) {
            texts->slot[gap] = text;
            gap = at;
        }
    }
    texts->slot[gap] = NULL;
}

void intern_put(struct interns *texts, struct intern *text)
{
    if (!text || --text->refs)
        return;
    texts->bytes -= intern_bytes(text->len);
    if (text->alone) {
        free(text);
        return;
    }
    uint32_t at = text->hash & (texts->slot_count - 1);
    /* By its pointer: an interned text is in the table exactly once. */
    while (texts->slot[at] != text)
        at = (at + 1) & (texts->slot_count - 1);
    unlink_slot(texts, at);
    free(text);
    texts->used--;
    /* Give back the memory of a flood; if shrinking fails, nothing but memory is lost. */
    if (texts->slot_count > SLOTS_MIN && texts->used < texts->slot_count / 32)
        resize(texts, texts->slot_count / 4 < SLOTS_MIN ? SLOTS_MIN : texts->slot_count / 4);
}
