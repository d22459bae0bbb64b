/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds, makes and frees cells, by all that names them; a hash of it is their index.
 * Doesn't know: thresholds and incidents. Whoever frees a cell that an incident holds moves its
 *               totals first.
 * Owns:         the table and its index, and the references to texts in cells. A pointer to a cell
 *               is valid until the next cell is made or the table is swept.
 * Time:         timeless.
 * Fails:        cell_make returns NULL when memory is short. The caller enforces the bound on
 *               cells.
 */
#ifndef RELAYWATCH_DETECT_CELL_H
#define RELAYWATCH_DETECT_CELL_H

#include "detect/cell_names.h"

bool cells_init(struct detector *d);
void cells_done(struct detector *d);

/* The observation's cell, or NULL. *ret_key is set in either case, for cell_make. */
struct cell *cell_find(struct detector *d, const struct observation *o, struct names *n,
                       uint64_t *ret_key);
/* A new cell for a key that cell_find did not find, at the head of its scope's list. */
struct cell *cell_make(struct detector *d, uint64_t key, const struct observation *o,
                       struct names *n);
/* The two steps of that: a cell with keys, for a moment without the rest; and the rest, with its
 * names. False when memory is short; where there is no room for a text, it has no such name. */
struct cell *cell_begin(struct detector *d, uint64_t key, const struct observation *o,
                        struct names *n);
bool cell_name(struct detector *d, struct cell *cell, const struct observation *o, struct names *n);
/* The cell, or NULL if it was freed. */
struct cell *cell_deref(const struct detector *d, struct cell_ref ref);

/* The run before the cell's own; NULL if there is none, or it was freed. */
struct cell *cell_earlier(const struct detector *d, const struct cell *cell);

/* Remembers whose .forward or alias sends its mail on, if nobody's is known yet; takes its own
 * reference. NULL is fine. */
void cell_take_forwarder(struct detector *d, struct cell *cell, struct intern *forwarder);
/* The tallies that only some kinds have: to read, empty ones if it has none; and to add to, NULL
 * when memory is short. */
const struct lists *cell_lists(const struct cell *cell);
struct lists *cell_lists_make(struct cell *cell);
/* Drops the tallies and samples; the cell keeps its own names. */
void cell_clear(struct detector *d, struct cell *cell);
/* Moves it from its scope to the list of its incident, which has ended: no observation finds it any
 * more. */
void cell_retire(struct detector *d, struct cell *cell);
/* Its run is over, and what comes next counts in another cell: no observation finds it any more. It
 * stays in its scope, for the day's thresholds. */
void cell_park(struct detector *d, struct cell *cell);
/* Puts a retired cell at the end of its incident's list, or takes it off, if it is on it. */
void cell_list(struct detector *d, struct cell *cell);
void cell_unlist(struct detector *d, struct cell *cell);
void cell_free(struct detector *d, struct cell *cell);

/* What its names take, which count as listed (intern.h). For the snapshot and compact.c. */
uint32_t cell_name_bytes(const struct cell *cell);
/* What evidence that was kept takes, which counts as listed, how it is dropped, and how the rest of
 * a cell is. For once.c. */
uint32_t cell_once_bytes(const struct once *once);
void cell_once_done(struct detector *d, struct once *once);
void cell_release_rest(struct detector *d, struct cell *cell);

/* The lowest free slot allocated; cell_room if there is none. */
uint32_t cells_lowest_free(struct detector *d);

/* The order of evidence in a fleet, whose hosts have no log in common: that of time, however late
 * the lines of each host come. */
enum { CELL_ORDER_S = 36 }; /* bits of it, from the highest, that are left for the time */
uint64_t cell_order(uint32_t at_s, struct queue_id id);
/* Adds b to a, all but queued and held, which change later. */
void totals_add(struct totals *a, const struct totals *b);

#endif
