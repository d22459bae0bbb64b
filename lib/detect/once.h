/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps a cell's only evidence as it came, until more of the cell is asked for.
 * Doesn't know: thresholds. Keys count such evidence like any other.
 * Owns:         struct once of cells, in memory of its own, with references to three texts.
 * Time:         event time, given with the evidence.
 * Fails:        once_make returns NULL and once_build false when memory is short.
 *
 * On a busy host, and even more in a flood, most cells get one piece of evidence and are then
 * forgotten: their lists, windows and names are made for nothing. What they count is known without
 * (cell_counts.h).
 */
#ifndef RELAYWATCH_DETECT_ONCE_H
#define RELAYWATCH_DETECT_ONCE_H

#include "detect/cell_names.h"

/* The kinds of which every piece of evidence counts and says the same. */
static inline bool once_is_of(enum kind kind)
{
    return kind == KIND_OPEN_RELAY || kind == KIND_TRUSTED_RELAY || kind == KIND_LOCAL_ABUSE;
}
/* Whether a new cell for this evidence may stay as it is: nobody will ask for more soon, and struct
 * once has all that there is to know. */
bool once_fits(const struct detector *d, const struct observation *o);
/* As cell_make. */
struct cell *once_make(struct detector *d, uint64_t key, const struct observation *o,
                       struct names *n);
/* Makes the rest of the cell, if it has none yet. Nothing moves. False if it still has none. */
bool once_build(struct detector *d, struct cell *cell);
/* A cell like this one that has the rest, to look at until once_copy_done. It leaves no trace: what
 * people look at must not change what is evicted. False when memory is short. */
bool once_copy(struct detector *d, const struct cell *cell, struct cell *ret);
void once_copy_done(struct detector *d, const struct cell *cell, struct cell *copy);
void once_build_all(struct detector *d);

#endif
