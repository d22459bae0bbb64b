/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a file as text, whether it is plain, gzip or zstd; the first bytes decide.
 * Doesn't know: names and endings of files, lines, logs.
 * Owns:         its buffers. The descriptor stays the caller's, who closes it after inflate_close;
 *               it need not be seekable (a pipe will do), and is read parse_thread of what is
 *               returned.
 * Time:         timeless.
 * Fails:        negative errno. What could be unpacked is returned first, then, on that call and
 *               every later one: -EIO where the file ends too early, -EBADMSG where it is damaged
 * or has something else behind it, or read(2)'s own error. A plain file never gives -EBADMSG.
 */
#ifndef RELAYWATCH_SOURCE_INFLATE_H
#define RELAYWATCH_SOURCE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct inflate;

/* Begins at the descriptor's present position; nothing is read yet. -ENOMEM is the only failure. */
int inflate_open(int fd, struct inflate **ret);
/* NULL is allowed. */
void inflate_close(struct inflate *reader);

/* Up to len bytes (len > 0) of text; 0 only at the end. Gzip members and zstd frames that follow
 * each other are read as one text. Short counts are normal. -EAGAIN and -EINTR may be tried again;
 * every other error stays. */
ssize_t inflate_read(struct inflate *reader, void *buf, size_t len);

/* Whether the file is packed; false until the first read. */
bool inflate_is_packed(const struct inflate *reader);
/* Bytes taken from the descriptor so far: how far along the file is, for a progress line. */
uint64_t inflate_taken_bytes(const struct inflate *reader);

#endif
