/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a file as text, whether plain, gzip or zstd; the first bytes decide.
 * Doesn't know: file names and their endings, lines, logs.
 * Owns:         its buffers. The descriptor stays the caller's, who closes it after inflate_close;
 *               it need not be seekable (a pipe will do), and is read ahead of what is returned.
 * Time:         timeless.
 * Fails:        negative errno. Everything that could be unpacked is returned first; then that call
 *               and every later one return -EIO if the file ends early, -EBADMSG if it is damaged
 *               or followed by something else, or read(2)'s own error. A plain file never gives
 *               -EBADMSG.
 */
#ifndef RELAYWATCH_SOURCE_INFLATE_H
#define RELAYWATCH_SOURCE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct inflate;

/* Starts at the descriptor's current offset; reads nothing yet. Fails only with -ENOMEM. */
int inflate_open(int fd, struct inflate **ret);
/* NULL is allowed. */
void inflate_close(struct inflate *reader);

/* Up to len bytes (len > 0) of text; 0 only at the end. Consecutive gzip members or zstd frames
 * read as one text. Short counts are normal. -EAGAIN and -EINTR may be retried; every other error
 * stays. */
ssize_t inflate_read(struct inflate *reader, void *buf, size_t len);

/* Whether the file is packed; false until the first read. */
bool inflate_is_packed(const struct inflate *reader);
/* Bytes read from the descriptor so far, for a progress bar. */
uint64_t inflate_taken_bytes(const struct inflate *reader);

#endif
