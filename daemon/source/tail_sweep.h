/* SPDX-License-Identifier: MIT */
/*
 * Does:         works out which file is what: compares what a directory holds with what is known of
 *               the name, by inode and then by text, and decides what to open, resume or ignore.
 * Doesn't know: when that is due.
 * Owns:         nothing; the files are tail_path's.
 * Time:         now_us is monotonic and passed in; births and last writes are the disk's.
 * Fails:        -ENOMEM, or the errno of the name itself.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_SWEEP_H
#define RELAYWATCH_SOURCE_TAIL_SWEEP_H

#include "source/tail_path.h"

/* 0; or why the name shows nothing (-ENOENT, -EACCES ...); or -ENOMEM. */
int tail_sweep(struct tail_path *path, struct tail_world *world, int64_t now_us);

#endif
