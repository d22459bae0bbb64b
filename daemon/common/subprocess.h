/* SPDX-License-Identifier: MIT */
/*
 * Does:         runs a program and collects what it prints; reads a whole file. Both with bounds.
 * Doesn't know: what is read.
 * Owns:         nothing afterwards; the caller frees the text.
 * Time:         a program has `timeout_s` on a kernel timer, then it and its children are killed.
 * Fails:        negative errno: -ENOENT no such program or file, -ETIMEDOUT, -EFBIG more than `max`
 *               bytes, -EIO the program did not end well. *ret is then left alone.
 *
 * subprocess_run blocks: for start and reload only.
 */
#ifndef RELAYWATCH_COMMON_SUBPROCESS_H
#define RELAYWATCH_COMMON_SUBPROCESS_H

#include "base/buf.h"

/* argv[0] is looked for in PATH and then in the usual places of system programs, which the PATH of
 * a service or a user may lack. Its input and its errors are /dev/null. */
int subprocess_run(const char *const argv[], int timeout_s, size_t max, struct buf *ret);

/* Regular files only, unless it may wait: for what the user at the terminal named, such as
 * <(postconf -n). A daemon must not wait for a FIFO. */
int subprocess_read_file(const char *path, bool may_wait, size_t max, struct buf *ret);

#endif
