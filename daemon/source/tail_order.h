/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads several names in the order of their lines' times, so that what is read back
 *               is what would have been read as it was written.
 * Doesn't know: how one name is read, events, globs.
 * Owns:         nothing; the names are the source's.
 * Time:         now_us is monotonic and passed in; lines have their own.
 * Fails:        -ENOMEM.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_ORDER_H
#define RELAYWATCH_SOURCE_TAIL_ORDER_H

#include "source/tail_names.h"

/* Looks at the names that are due, and hands over up to about `bytes`; 0: looks only, at all of
 * them. SOURCE_IDLE, SOURCE_MORE or -errno. */
int tail_order_run(struct tail_names *names, struct tail_world *world, int64_t now_us,
                   size_t bytes);

#endif
