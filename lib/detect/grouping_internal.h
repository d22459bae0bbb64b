/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the two halves of settling share: the cells of a field, and who claims them.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in detector.h.
 * Fails:        as in detector.h.
 */
#ifndef RELAYWATCH_SETTLE_INSIDE_H
#define RELAYWATCH_SETTLE_INSIDE_H

#include "detect/detector_internal.h"

struct claim {
    int level;
    uint64_t key;
    uint64_t messages;
    uint64_t first; /* number of its first observation */
    int into;       /* the claim it was folded into, or -1 */
    uint32_t under; /* messages under the key that is looked at */
};

struct item {
    uint32_t cell;  /* index */
    int claim;      /* index, or -1 */
    uint64_t key;   /* at the level that is looked at */
    uint64_t first; /* the number of its first observation */
};

struct settling {
    struct detector *d;
    uint32_t field;
    enum kind kind;
    uint32_t now_s;
    struct item *item;
    uint32_t item_count;
    struct claim *claim;
    int claim_count;
};

static inline struct cell *cell_of(const struct settling *s, const struct item *item)
{
    return &s->d->cell[item->cell];
}

/* The claim that holds an item now, after all folding; -1 for none. */
static inline int claim_of(struct settling *s, struct item *item)
{
    int c = item->claim;

    while (c >= 0 && s->claim[c].into >= 0)
        c = s->claim[c].into;
    item->claim = c; /* the next one need not go the same way */
    return c;
}

static inline bool is_open(const struct settling *s, const struct cell *cell)
{
    return cell->incident && s->d->incident[cell->incident - 1].state == INCIDENT_OPEN;
}

static inline int item_by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    /* In the order of the log: where a cell has its place in the table must not matter. */
    return x->first < y->first ? -1 : x->first > y->first;
}

/* The end of the run of equal keys that begins at `from`. */
static inline uint32_t run_end(const struct settling *s, uint32_t from)
{
    uint32_t to = from;

    while (to < s->item_count && s->item[to].key == s->item[from].key)
        to++;
    return to;
}

/* settle_match.c: gives every claim its incident, an old one or a new one. */
void settle_match(struct settling *s);

#endif
