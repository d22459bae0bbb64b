/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds names that show one file: links, bind mounts and the like. It is read under
 *               the first name only.
 * Doesn't know: that another file may hold the same lines.
 * Owns:         nothing; the names are the source's.
 * Time:         now_us is monotonic and passed in.
 * Fails:        never. A name that shows nothing has no twin.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_TWINS_H
#define RELAYWATCH_SOURCE_TAIL_TWINS_H

#include "source/tail_names.h"

/* Looks at each name in whose directory something happened, or whose time has come. A link that is
 * turned to another file is a log of its own from then on. */
void tail_twins_find(struct tail_names *names, struct tail_world *world, int64_t now_us);

#endif
