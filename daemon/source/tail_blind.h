/* SPDX-License-Identifier: MIT */
/*
 * Does:         says which of the followed files can't be read just now, and why; and when any of
 *               them was last written to.
 * Doesn't know: what is told of it.
 * Owns:         nothing.
 * Time:         the files' own times.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_BLIND_H
#define RELAYWATCH_SOURCE_TAIL_BLIND_H

#include "source/tail_glob.h"
#include "source/tail_path.h"

/* unread: the first name beyond the bound, or NULL. */
void tail_blind_each(const struct tail_path *paths, const struct tail_glob *globs,
                     const char *unread, int64_t now_us, blind_visit *visit, void *ctx);
wall_us tail_blind_written(const struct tail_path *paths);

#endif
