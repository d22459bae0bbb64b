/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds the names that a source follows, finds them by name or place, and tells which
 *               of them are to be looked at and which have lines waiting. What a turn costs depends
 *               on these, not on how many names there are.
 * Doesn't know: what a look is, globs, events.
 * Owns:         the names.
 * Time:         now_us is monotonic and passed in.
 * Fails:        NULL if out of memory.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_NAMES_H
#define RELAYWATCH_SOURCE_TAIL_NAMES_H

#include "base/hash_index.h"
#include "source/merge_order.h"
#include "source/tail_path.h"

struct tail_names {
    struct tail_path *first; /* all, in the order in which they were added */
    struct tail_path **end;
    struct tail_path **at; /* by place; NULL: free */
    size_t count, room;
    uint32_t numbers; /* so many were added so far */
    struct hash_index index;
    struct tail_path *due, **due_end; /* the queue of those to be looked at */
    int64_t next_us;                  /* no other is due before that */
    struct merge_order order;         /* the places of those with lines waiting */
};

void tail_names_init(struct tail_names *names);
void tail_names_done(struct tail_names *names, struct tail_world *world);

struct tail_path *tail_names_add(struct tail_names *names, const char *name, size_t len);
struct tail_path *tail_names_find(const struct tail_names *names, const char *name, size_t len);
/* Forgets those for which `is_over` is true, unless they have lines waiting. */
void tail_names_prune(struct tail_names *names, struct tail_world *world,
                      bool (*is_over)(const struct tail_path *));

/* Puts it into the queue; also those whose time has come. */
void tail_names_hint(struct tail_names *names, struct tail_path *path);
void tail_names_collect(struct tail_names *names, const struct tail_world *world, int64_t now_us);
/* Takes the first out of the queue; NULL: it is empty. */
struct tail_path *tail_names_next(struct tail_names *names);
/* It was looked at: when it is due again. */
void tail_names_looked(struct tail_names *names, struct tail_path *path,
                       const struct tail_world *world);
/* When there is something to do. */
int64_t tail_names_deadline_us(const struct tail_names *names);

#endif
