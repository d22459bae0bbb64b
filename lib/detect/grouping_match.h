/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives every group of a scope its incident, an old one or a new one.
 * Doesn't know: how the groups were found.
 * Owns:         the arrays of a struct grouping are grouping.c's.
 * Time:         event time in seconds, given.
 * Fails:        short of memory, groups stay without incident until the next grouping.
 */
#ifndef RELAYWATCH_DETECT_GROUPING_MATCH_H
#define RELAYWATCH_DETECT_GROUPING_MATCH_H

#include "detect/tables.h"

struct group {
    int level;
    uint64_t key;
    uint64_t messages;
    uint64_t first; /* number of its first observation */
    int into;       /* the group it was folded into, or -1 */
    uint32_t under; /* messages under the key that is looked at */
};

struct member {
    uint32_t cell;  /* index */
    int group;      /* index, or -1 */
    uint64_t key;   /* at the level that is looked at */
    uint64_t first; /* the number of its first observation */
};

struct grouping {
    struct detector *d;
    uint32_t scope;
    enum kind kind;
    uint32_t now_s;
    struct member *member;
    uint32_t member_count;
    struct group *group;
    int group_count;
};

static inline struct cell *cell_of(const struct grouping *s, const struct member *member)
{
    return &s->d->cell[member->cell];
}

/* The group that holds an member now, after all folding; -1 for none. */
static inline int group_of(struct grouping *s, struct member *member)
{
    int c = member->group;

    while (c >= 0 && s->group[c].into >= 0)
        c = s->group[c].into;
    member->group = c; /* the next one need not go the same way */
    return c;
}

static inline bool is_open(const struct grouping *s, const struct cell *cell)
{
    return cell->incident && s->d->incident[cell->incident - 1].state == INCIDENT_OPEN;
}

static inline int member_by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    /* In the order of the log: where a cell has its place in the table must not matter. */
    return x->first < y->first ? -1 : x->first > y->first;
}

/* The end of the run of equal keys that begins at `from`. */
static inline uint32_t run_end(const struct grouping *s, uint32_t from)
{
    uint32_t to = from;

    while (to < s->member_count && s->member[to].key == s->member[from].key)
        to++;
    return to;
}

/* The members' cells are marked as held by their group's incident. */
void grouping_match(struct grouping *s);

#endif
