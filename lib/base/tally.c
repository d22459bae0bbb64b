/* SPDX-License-Identifier: MIT */
#include "base/tally.h"

#include <stdlib.h>

/* Up to here a search of the array is as fast as an index, and most tallies stay this small. */
enum { LINEAR_MAX = 16 };

/* An entry, its share of the index, and of the room that doubles. */
static uint32_t entry_bytes(const struct intern *text)
{
    return (uint32_t)sizeof(struct tally_entry) * 3 / 2 + 4 + intern_bytes(text->len);
}

static void drop_entry(struct tally *tally, struct interns *texts, struct intern *text)
{
    uint32_t bytes = entry_bytes(text);

    tally->bytes -= bytes;
    texts->listed -= bytes;
    intern_put(texts, text);
}

void tally_done(struct tally *tally, struct interns *texts)
{
    for (uint32_t i = 0; i < tally->count; i++)
        drop_entry(tally, texts, tally->entry[i].text);
    free(tally->entry);
    free(tally->index);
    *tally = (struct tally){0};
}

static uint32_t index_size(const struct tally *tally)
{
    return tally->room * 2;
}

/* The index is never more than half full. */
static void index_put(struct tally *tally, uint32_t i)
{
    uint32_t mask = index_size(tally) - 1, at = tally->entry[i].hash & mask;

    while (tally->index[at])
        at = (at + 1) & mask;
    /* 0 is a free slot, hence the + 1. */
    tally->index[at] = (uint16_t)(i + 1);
}

/* Finds a text that need not be interned: by its bytes. */
static struct tally_entry *find_span(const struct tally *tally, struct span s, uint32_t hash)
{
    if (!tally->index) {
        for (uint32_t i = 0; i < tally->count; i++)
            if (tally->entry[i].hash == hash && span_equal(intern_span(tally->entry[i].text), s))
                return &tally->entry[i];
        return NULL;
    }
    uint32_t mask = index_size(tally) - 1;
    for (uint32_t at = hash & mask; tally->index[at]; at = (at + 1) & mask) {
        struct tally_entry *entry = &tally->entry[tally->index[at] - 1];
        if (entry->hash == hash && span_equal(intern_span(entry->text), s))
            return entry;
    }
    return NULL;
}

/* Finds an interned text, which is equal only to itself: by its pointer. */
static struct tally_entry *find(const struct tally *tally, const struct intern *text)
{
    if (!tally->index) {
        for (uint32_t i = 0; i < tally->count; i++)
            if (tally->entry[i].text == text)
                return &tally->entry[i];
        return NULL;
    }
    uint32_t mask = index_size(tally) - 1;
    for (uint32_t at = text->hash & mask; tally->index[at]; at = (at + 1) & mask)
        if (tally->entry[tally->index[at] - 1].text == text)
            return &tally->entry[tally->index[at] - 1];
    return NULL;
}

/* False, and nothing lost, when memory is short. */
static bool grow(struct tally *tally)
{
    uint32_t room = tally->room ? tally->room * 2 : 2;
    struct tally_entry *entry = realloc(tally->entry, room * sizeof(*entry));

    if (!entry)
        return false;
    /* Kept even if the index fails: the old block is gone, and `room` still says the old size. */
    tally->entry = entry;
    if (room <= LINEAR_MAX) {
        tally->room = room;
        return true;
    }
    uint16_t *index = calloc((size_t)room * 2, sizeof(*index));
    if (!index)
        return false;
    free(tally->index);
    tally->index = index;
    tally->room = room;
    for (uint32_t i = 0; i < tally->count; i++)
        index_put(tally, i);
    return true;
}

void tally_add(struct tally *tally, struct interns *texts, struct intern *text, uint32_t n,
               uint32_t now_s, uint32_t max)
{
    struct tally_entry *entry = text ? find(tally, text) : NULL;

    if (entry) {
        entry->count += n;
        /* Lines of several hosts come out of order, so time may step back. */
        if (now_s > entry->last_s)
            entry->last_s = now_s;
        tally->last = (uint32_t)(entry - tally->entry);
        return;
    }
    if (!text || tally->count >= max || (tally->count == tally->room && !grow(tally))) {
        tally->more++;
        tally->last = UINT32_MAX;
        return;
    }
    tally->last = tally->count;
    tally->entry[tally->count++] = (struct tally_entry){intern_ref(text), n, now_s, 0, text->hash};
    tally->bytes += entry_bytes(text);
    texts->listed += entry_bytes(text);
    if (tally->index)
        index_put(tally, tally->count - 1);
}

struct tally_entry *tally_count(struct tally *tally, struct interns *texts, struct span s,
                                uint32_t now_s, uint32_t max)
{
    uint32_t hash = interns_hash(texts, s);
    /* Compare hashes first: the text of the last entry is hardly ever in a cache. */
    if (tally->last < tally->count && tally->entry[tally->last].hash == hash &&
        tally_again(tally, s, now_s))
        return &tally->entry[tally->last];
    struct tally_entry *entry = find_span(tally, s, hash);
    if (entry) {
        entry->count++;
        if (now_s > entry->last_s)
            entry->last_s = now_s;
        tally->last = (uint32_t)(entry - tally->entry);
        return entry;
    }
    /* A full tally interns nothing, so a flood of new texts costs no memory. */
    struct intern *text = tally->count < max ? intern_get_hashed(texts, s, hash) : NULL;
    tally_add(tally, texts, text, 1, now_s, max);
    /* The tally has taken its own reference, or has refused the text. */
    intern_put(texts, text);
    return tally->last < tally->count ? &tally->entry[tally->last] : NULL;
}

bool tally_has(const struct tally *tally, const struct intern *text)
{
    return find(tally, text) != NULL;
}

void tally_merge(struct tally *a, struct interns *texts, const struct tally *b, uint32_t max)
{
    for (uint32_t i = 0; i < b->count; i++)
        tally_add(a, texts, b->entry[i].text, b->entry[i].count, b->entry[i].last_s, max);
    a->more += b->more;
}

uint32_t tally_since(const struct tally *tally, uint32_t since_s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < tally->count; i++)
        n += tally->entry[i].last_s >= since_s;
    return n;
}

static int by_count(const void *a, const void *b)
{
    const struct tally_entry *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->text->at, y->text->at);
}

/* Entries have moved, so it is built anew. */
static void make_index(struct tally *tally)
{
    free(tally->index);
    tally->index = NULL;
    /* Without memory for it, searches are linear: slower, but right. */
    if (tally->room > LINEAR_MAX && (tally->index = calloc((size_t)tally->room * 2, 2)) != NULL)
        for (uint32_t i = 0; i < tally->count; i++)
            index_put(tally, i);
}

void tally_sort(struct tally *tally)
{
    if (tally->count > 1)
        qsort(tally->entry, tally->count, sizeof(*tally->entry), by_count);
    make_index(tally);
}

void tally_keep(struct tally *tally, struct interns *texts, uint32_t max)
{
    if (tally->count <= max)
        return;
    tally_sort(tally);
    while (tally->count > max)
        drop_entry(tally, texts, tally->entry[--tally->count].text);
    tally->last = UINT32_MAX; /* entries have moved */
    /* Give back memory too; if that fails, the array just stays larger. */
    uint32_t room = 2;
    while (room < max)
        room *= 2;
    struct tally_entry *entry = realloc(tally->entry, room * sizeof(*entry));
    if (entry) {
        tally->entry = entry;
        tally->room = room;
    }
    make_index(tally);
}
