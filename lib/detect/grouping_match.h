/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives every group of a scope its incident, an open one or a new one.
 * Doesn't know: how the groups were found.
 * Owns:         nothing; grouping.c owns the arrays of a struct grouping.
 * Time:         event time in seconds, given.
 * Fails:        when memory is short, groups stay without an incident until the next grouping.
 */
#ifndef RELAYWATCH_DETECT_GROUPING_MATCH_H
#define RELAYWATCH_DETECT_GROUPING_MATCH_H

#include "base/list.h"
#include "detect/tables.h"

struct group {
    int level;         /* of its key, in the scope's row of keys */
    uint64_t key;      /* as in cell.level */
    uint64_t messages; /* of all its members */
    uint64_t first;    /* number of its first observation */
    int into;          /* the group it was folded into, or -1 */
    uint32_t under;    /* its messages under the key at hand; scratch for folding */
    uint32_t cell;     /* index of one that has the key */
    struct crossing crossing;
};

/* A cell that takes part in the grouping. */
struct member {
    uint32_t cell;  /* index */
    int group;      /* index, or -1; see group_of */
    uint64_t key;   /* what the members are sorted by: the cell's key at the level at hand */
    uint64_t first; /* number of its first observation */
    bool is_recent; /* it has evidence in the window, or is held; else in the last day only */
    bool is_shared,
        is_shared_today; /* many senders share its uid or client: in the window, today */
};

/* One run of the grouping. */
struct grouping {
    struct detector *d;
    uint32_t scope;
    enum kind kind;
    uint32_t now_s;
    struct member *member; /* open incidents' cells, and those with evidence that counts */
    struct member *dealt;  /* room for as many, to sort them */
    uint32_t member_count;
    struct group *group;
    int group_count;
    uint32_t group_max; /* room for so many */
    struct list
        earlier; /* struct incident *: of the scope, all that ended within a day, or before */
};

static inline struct incident *grouping_earlier(const struct grouping *s, size_t i)
{
    return ((struct incident **)s->earlier.items)[i];
}

/* The member's cell; valid until the detector makes or frees cells. */
static inline struct cell *cell_of(const struct grouping *s, const struct member *member)
{
    return &s->d->cell[member->cell];
}

/* The group that holds a member after all folding so far; -1 for none. */
static inline int group_of(struct grouping *s, struct member *member)
{
    int g = member->group;

    while (g >= 0 && s->group[g].into >= 0)
        g = s->group[g].into;
    member->group = g; /* the next call need not follow the chain again */
    return g;
}

/* Whether an open incident holds the cell. */
static inline bool is_open(const struct grouping *s, const struct cell *cell)
{
    return cell->incident && s->d->incident[cell->incident - 1].state == INCIDENT_OPEN;
}

/* For qsort. */
static inline int member_by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    /* In the order of the log: the cell's slot must not matter. */
    return x->first < y->first ? -1 : x->first > y->first;
}

/* The end (exclusive) of the run of equal keys that starts at `from`. */
static inline uint32_t run_end(const struct grouping *s, uint32_t from)
{
    uint32_t to = from;

    while (to < s->member_count && s->member[to].key == s->member[from].key)
        to++;
    return to;
}

/* Matches the groups with open incidents and raises new ones for the rest. Afterwards each grouped
 * cell is held by its group's incident. Reorders the members. */
void grouping_match(struct grouping *s);

#endif
