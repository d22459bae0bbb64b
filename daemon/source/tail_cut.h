/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides where to read on in a file that was truncated, and remembers its old text,
 *               of which there may be a copy.
 * Doesn't know: how it was noticed, and where the copy is.
 * Owns:         nothing; the files are tail_path's.
 * Time:         timeless.
 * Fails:        -ENOMEM.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_CUT_H
#define RELAYWATCH_SOURCE_TAIL_CUT_H

#include "source/tail_path.h"

/* The file no longer holds the text that was read. Continues at its end if it was only shortened,
 * else at its beginning. The old text is remembered as a file of its own: there may be a copy. */
int tail_cut(struct tail_path *path, struct tail_world *world, struct tail_file *file,
             struct text_file *text);

#endif
