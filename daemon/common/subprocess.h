/* SPDX-License-Identifier: MIT */
/*
 * Does:         runs a program and collects its output; reads a whole file. Both are bounded.
 * Doesn't know: what the text means.
 * Owns:         nothing after the call; the caller frees the text.
 * Time:         a program has `timeout_s` on a kernel timer, then it and its children are killed.
 * Fails:        negative errno: -ENOENT no such program or file, -ETIMEDOUT, -EFBIG more than `max`
 *               bytes, -EIO the program failed. *ret is then unchanged.
 *
 * subprocess_run blocks: for start and reload only.
 */
#ifndef RELAYWATCH_COMMON_SUBPROCESS_H
#define RELAYWATCH_COMMON_SUBPROCESS_H

#include "base/buf.h"

/* Looks for argv[0] in PATH, then in the usual directories of system programs, which the PATH of a
 * service or a user may lack. Standard input and standard error are /dev/null. */
int subprocess_run(const char *const argv[], int timeout_s, size_t max, struct buf *ret);

/* may_wait: also reads pipes, such as the <(postconf -n) of a user at a terminal. Without it only
 * regular files are read, because the daemon must not block on a FIFO. */
int subprocess_read_file(const char *path, bool may_wait, size_t max, struct buf *ret);

#endif
