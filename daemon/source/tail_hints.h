/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells from inotify's events at which names to look, and whether a glob may match
 *               something new. They are only hints: what really happened is found out by looking,
 *               so a lost or doubled event costs a look, never a line.
 * Doesn't know: what a look is.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_HINTS_H
#define RELAYWATCH_SOURCE_TAIL_HINTS_H

#include "source/tail_glob.h"
#include "source/tail_names.h"

/* Takes all events there are. True if the globs are to be expanded. */
bool tail_hints_take(struct tail_names *names, const struct tail_glob *globs,
                     struct tail_world *world);

#endif
