/* SPDX-License-Identifier: MIT */
/*
 * Does:         one pass over a name: reads every file to its end, oldest first; looks at what the
 *               name shows; if that changed, sweeps and reads on; closes what is finished.
 * Doesn't know: other names, globs, events; it only needs to be told to look.
 * Owns:         nothing; the files are tail_path's.
 * Time:         now_us is monotonic and passed in.
 * Fails:        -ENOMEM. Anything wrong with a file is noted, and tried again later.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_PASS_H
#define RELAYWATCH_SOURCE_TAIL_PASS_H

#include "source/tail_path.h"

/* SOURCE_IDLE, SOURCE_MORE or -errno. */
int tail_pass_run(struct tail_path *path, struct tail_world *world, int64_t now_us,
                  struct tail_limit *limit);

#endif
