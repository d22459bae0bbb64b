/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds, makes and frees cells: by the hash of all their keys, in a table that grows
 *               and shrinks.
 * Doesn't know: thresholds and incidents: whoever frees a cell that an incident holds sees to its
 *               totals first.
 * Owns:         the texts that cells name; a pointer to a cell is good until the next cell is
 *               made.
 * Time:         timeless.
 * Fails:        cell_make returns NULL when memory is short. The bound on cells is the caller's to
 *               keep.
 */
#ifndef RELAYWATCH_DETECT_CELL_H
#define RELAYWATCH_DETECT_CELL_H

#include "detect/tables.h"

/* What an observation's cell is called; the domain is worked out when it is first asked for. */
struct names {
    struct span client, domain;
    bool has_domain;
};

bool cells_init(struct detector *d);
void cells_done(struct detector *d);

/* The sender's registrable domain; borrowed until the next call. */
struct span names_domain(struct detector *d, struct names *n, const struct observation *o);
/* The observation's cell, or NULL; *ret_key is what cell_make has to be given. */
struct cell *cell_find(struct detector *d, const struct observation *o, struct names *n,
                       uint64_t *ret_key);
struct cell *cell_make(struct detector *d, uint64_t key, const struct observation *o,
                       struct names *n);
/* NULL where it is gone since. */
struct cell *cell_deref(const struct detector *d, struct cell_ref ref);

/* Forgets whom the evidence names and its samples, but not what the cell is called. */
void cell_clear(struct detector *d, struct cell *cell);
/* Takes it out of its scope, so that no observation finds it any more. */
void cell_unlink(struct detector *d, struct cell *cell);
void cell_free(struct detector *d, struct cell *cell);
/* What it is called by that key, where that is a text of its own; borrowed. */
struct intern *cell_key_text(const struct cell *cell, enum key_type type);

enum { CELLS_MIN = 64 }; /* slots there are at least */
/* The lowest free slot there is room for; cell_room: none. */
uint32_t cells_lowest_free(struct detector *d);
/* Rebuilds the index from the cells that are there; false when memory is short. */
bool cells_index(struct detector *d);

void totals_add(struct totals *a, const struct totals *b);

#endif
