/* SPDX-License-Identifier: MIT */
/*
 * Does:         lets the lines of one name's log count once that another's has too, also after a
 *               restart: then the lines before each position are read again, to be known.
 * Doesn't know: what the lines say. Names that show one file are tail_twins.h's.
 * Owns:         nothing; what was seen is kept in tail_world.
 * Time:         timeless; the names are read in the order of their lines' times.
 * Fails:        -ENOMEM. Copies that lag behind by more lines than are kept count twice.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_SEEN_H
#define RELAYWATCH_SOURCE_TAIL_SEEN_H

#include "source/tail_path.h"

int tail_seen_init(struct tail_world *world);
/* Every name has been looked at, and none was read. */
void tail_seen_recall(const struct tail_path *paths, struct tail_world *world);
/* Notes, once, that lines of `path` were left out since there were `before` in all. */
void tail_seen_note(const struct tail_path *paths, struct tail_path *path, struct tail_world *world,
                    uint64_t before);

#endif
