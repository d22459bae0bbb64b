/* SPDX-License-Identifier: MIT */
/*
 * Does:         a small table of saved positions, one per source.
 * Doesn't know: what a position means; files.
 * Owns:         the texts, until positions_done.
 * Time:         event time, to tell which position is the oldest.
 * Fails:        positions_set gives negative errno and leaves the table as it was.
 */
#ifndef RELAYWATCH_STATE_POSITIONS_H
#define RELAYWATCH_STATE_POSITIONS_H

#include "base/span.h"

enum { POSITIONS_MAX = 8, POSITION_ID_MAX = 32 };

struct position {
    char id[POSITION_ID_MAX]; /* the source: "files", "journal" */
    char *text;
    uint32_t at_s; /* event time when it was set */
};

/* Zeroed is empty. */
struct positions {
    struct position item[POSITIONS_MAX];
    uint32_t count;
};

/* Copies id and text. A new id in a full table replaces the position that was not set for longest.
 * -EINVAL: the id is empty, too long or contains a NUL. */
int positions_set(struct positions *positions, struct span id, struct span text, uint32_t at_s);
/* NULL if there is none; borrowed until the next positions_set or positions_done. */
const struct position *positions_find(const struct positions *positions, struct span id);
/* Frees all texts; the table is empty again. */
void positions_done(struct positions *positions);

#endif
