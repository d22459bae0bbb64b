/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps what can't be read twice (a pipe, a FIFO) in a file without a name: a log is
 *               read more than once.
 * Doesn't know: what is in it.
 * Owns:         nothing; the descriptor is the caller's.
 * Time:         timeless; it waits for the end of what it reads.
 * Fails:        -errno.
 */
#ifndef RELAYWATCH_CMD_SPOOL_H
#define RELAYWATCH_CMD_SPOOL_H

/* A descriptor of the copy, at its beginning. */
int spool(int from);

#endif
