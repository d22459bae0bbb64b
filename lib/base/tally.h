/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts how often each of a set of texts was seen, and when last.
 * Doesn't know: what the texts are.
 * Owns:         its array, and a reference to each text in it.
 * Time:         seconds of event time, given.
 * Fails:        beyond the bound a new text is not kept; `more` counts such sightings, so that a
 *               total of distinct ones is then "at least". Short of memory counts as the bound.
 */
#ifndef RELAYWATCH_BASE_TALLY_H
#define RELAYWATCH_BASE_TALLY_H

#include "base/intern.h"

struct tally_entry {
    struct intern *text;
    uint32_t count;
    uint32_t last_s;
    uint32_t note; /* the owner's: 0 when the entry is new */
    uint32_t hash; /* the text's: only the right one is looked at */
};

struct tally {
    struct tally_entry *entry; /* in the order of first sight */
    uint16_t *index;           /* from 17 entries on: open addressing, entry + 1 */
    uint32_t count, room;
    uint32_t last; /* the entry that was counted last: mostly the next one too */
    uint64_t more; /* how often there was no room for one */
};

void tally_done(struct tally *tally, struct interns *texts);
/* Keeps a reference of its own. max is at most 32,000. */
void tally_add(struct tally *tally, struct intern *text, uint32_t n, uint32_t now_s, uint32_t max);
/* The same, once, for a text that need not be known yet: one that the tally has no room for is not
 * kept anywhere. The entry, good until the next one is added, or NULL. */
struct tally_entry *tally_count(struct tally *tally, struct interns *texts, struct span s,
                                uint32_t now_s, uint32_t max);
/* Counts once more what was counted last, if that is s. */
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
void tally_merge(struct tally *a, const struct tally *b, uint32_t max);
/* Forgets all but the `max` that were seen most. */
void tally_keep(struct tally *tally, struct interns *texts, uint32_t max);
/* How many were seen at or after since_s. */
uint32_t tally_since(const struct tally *tally, uint32_t since_s);
/* Most seen first; equal ones by their text. The order of the log does not show. */
void tally_sort(struct tally *tally);

#endif
