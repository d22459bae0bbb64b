/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives back the memory of an incident that is over: it keeps the cells of its first
 *               samples, those of messages still in the queue, and one cell that all others are
 *               merged into, the remainder.
 * Doesn't know: when an incident ends.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; figures stay exact, lists are shortened beyond their bounds.
 */
#ifndef RELAYWATCH_DETECT_COMPACT_H
#define RELAYWATCH_DETECT_COMPACT_H

#include "detect/tables.h"

/* From now on the incident is compacted: notes which cells' samples stay. */
void compact_begin(struct detector *d, struct incident *incident);
/* Merges a retired cell into the remainder if nothing needs it any more; it may be gone then. */
void compact_cell(struct detector *d, struct cell *cell);
/* Frees a cell at the bound; what it counted goes to its incident, if it has one. */
void compact_evict(struct detector *d, struct cell *cell);
/* It is kept for good, and no message that may still change refers to it. */
bool compact_keeps(const struct detector *d, const struct cell *cell);

/* All that a cell names, added to others' tallies. */
struct named {
    struct tally *clients, *networks, *senders, *sender_domains, *recipient_domains;
};
void cell_add_names(const struct cell *cell, struct interns *texts, const struct named *into);

/* Whether two incidents may be parts of one attack: different kinds on one host at about the same
 * time. What makes them so is a client of both: one of `clients` that is among other's. */
bool incidents_may_relate(const struct detector *d, const struct incident *a,
                          const struct incident *b);
bool incident_has_client(const struct detector *d, const struct incident *other,
                         const struct tally *clients);

#endif
