/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts how often each text of a set was seen, and when it was last seen.
 * Doesn't know: what the texts are.
 * Owns:         its array, and a reference to each text in it.
 * Time:         seconds of event time, given.
 * Fails:        past the bound, or when memory is short, a new text is not kept but counted in
 *               `more`: the number of distinct texts is then a lower bound.
 */
#ifndef RELAYWATCH_BASE_TALLY_H
#define RELAYWATCH_BASE_TALLY_H

#include "base/intern.h"

struct tally_entry {
    struct intern *text;
    uint32_t count;
    uint32_t last_s;
    uint32_t note; /* for the owner; 0 in a new entry */
    uint32_t hash; /* of the text: spares a look at the wrong ones */
};

struct tally {
    struct tally_entry *entry; /* in the order of first sight */
    /* With more than 16 entries: open addressing, entry + 1. Not a hash_index, whose slots
     * take eight bytes and not two: each of the many thousand cells has several tallies. */
    uint16_t *index;
    uint32_t count, room;
    uint32_t last;  /* the entry counted last, which is usually the next one too */
    uint64_t more;  /* sightings of texts that there was no room for */
    uint32_t bytes; /* what its entries and their texts take: its part of interns.listed */
};

void tally_done(struct tally *tally, struct interns *texts);
/* Takes its own reference to the text. max is at most 32,000. */
void tally_add(struct tally *tally, struct interns *texts, struct intern *text, uint32_t n,
               uint32_t now_s, uint32_t max);
/* Counts a text once, and interns it only if the tally has room for it. Returns the entry, which is
 * good until the next one is added, or NULL. */
struct tally_entry *tally_count(struct tally *tally, struct interns *texts, struct span s,
                                uint32_t now_s, uint32_t max);
/* If s is the text counted last, counts it once more. */
static inline bool tally_again(struct tally *tally, struct span s, uint32_t now_s)
{
    if (tally->last >= tally->count || !span_equal(intern_span(tally->entry[tally->last].text), s))
        return false;
    tally->entry[tally->last].count++;
    if (now_s > tally->entry[tally->last].last_s)
        tally->entry[tally->last].last_s = now_s;
    return true;
}
bool tally_has(const struct tally *tally, const struct intern *text);
/* Adds all of b to a. */
void tally_merge(struct tally *a, struct interns *texts, const struct tally *b, uint32_t max);
/* Forgets all but the `max` most seen. */
void tally_keep(struct tally *tally, struct interns *texts, uint32_t max);
/* How many were seen at or after since_s. */
uint32_t tally_since(const struct tally *tally, uint32_t since_s);
/* Most seen first, ties by text, so that the order does not depend on the order in the log. */
void tally_sort(struct tally *tally);

#endif
