/* SPDX-License-Identifier: MIT */
/*
 * Does:         frees most of an ended incident's memory. It keeps the cells with the first
 *               samples, the cells whose messages are still queued, and one cell that all others
 *               are merged into: the remainder.
 * Doesn't know: when an incident ends.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never. Figures stay exact; lists are cut at their bounds.
 */
#ifndef RELAYWATCH_DETECT_COMPACT_H
#define RELAYWATCH_DETECT_COMPACT_H

#include "detect/tables.h"

/* Notes which samples stay and how many cells are to be merged. Call it when the incident
 * ends, before its cells leave the scope. */
void compact_begin(struct detector *d, struct incident *incident);
/* It is open again. Clients and domains whose names were dropped are counted as they were, and once
 * more if they come again. */
void compact_undo(struct detector *d, struct incident *incident);
/* Merges some of the cells on an ended incident's list into the remainder, if nothing needs them
 * any more. */
void compact_some(struct detector *d, struct incident *incident);
/* Frees a cell at the bound. Its counts go to its incident, if it has one. */
void compact_evict(struct detector *d, struct cell *cell);
/* Whether it is one of the incident's first, whose samples are kept. */
bool compact_has_sample(const struct incident *incident, const struct cell *cell);
/* Whether the cell stays for good and no queued message refers to it, so that it may be moved. */
bool compact_keeps(const struct detector *d, const struct cell *cell);

/* Tallies to collect the names of several cells in; borrowed. */
struct named {
    struct tally *clients, *networks, *senders, *sender_domains, *recipient_domains, *hosts;
    struct tally *refused_by, *refused_domains;
    struct tally **said;
};
/* The cell's own; false when memory is short. */
bool cell_named(struct cell *cell, struct named *ret);
/* Adds what the cell has tallied, but not its own names. */
void cell_add_tallies(const struct cell *cell, struct interns *texts, const struct named *into);
/* Adds everything the cell names to the tallies, which may be the cell's own. All of them count
 * recipients; of notices, notices. */
void cell_add_names(const struct cell *cell, struct interns *texts, const struct named *into);

/* Whether two incidents may be parts of one attack: different kinds, or logins, on one host, at
 * about the same time; none was withdrawn. They are related if they also share a client. */
bool incidents_may_relate(const struct detector *d, const struct incident *a,
                          const struct incident *b);
/* Marks, by slot, the incidents that may be related to `incident` and have one of its clients.
 * Reads all cells, but once, however many incidents there are. */
void incidents_sharing(const struct detector *d, const struct incident *incident,
                       const struct tally *clients, bool *ret_shares);

#endif
