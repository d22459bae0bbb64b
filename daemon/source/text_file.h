/* SPDX-License-Identifier: MIT */
/*
 * Does:         pread(2) on the text of a file, plain or packed; the facts of a file.
 * Doesn't know: lines, names, who follows the file.
 * Owns:         the descriptor it opened and, for a packed file, a window of its text.
 * Time:         btime_ns and mtime_ns are the disk's, since 1970.
 * Fails:        negative errno. A damaged or truncated packed file is text up to that point and
 *               then ends: see text_file_damage.
 */
#ifndef RELAYWATCH_SOURCE_TEXT_FILE_H
#define RELAYWATCH_SOURCE_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct inflate;

struct file_facts {
    uint64_t dev, ino, size, links;
    int64_t btime_ns; /* time of birth; 0: the file system does not record it */
    int64_t mtime_ns;
};

/* -EINVAL: not a regular file. dirfd and name as for statx(2): "" means dirfd itself. */
int file_facts_get(int dirfd, const char *name, struct file_facts *ret);
/* Whether both are the same inode. The device number may change at a reboot, so the time of birth
 * decides if it is known. */
bool file_facts_same(const struct file_facts *facts, uint64_t dev, uint64_t ino, int64_t btime_ns);

struct text_file {
    int fd;                 /* -1: not open */
    struct inflate *reader; /* NULL: plain */
    char *window;           /* packed: text[start .. start + have) */
    size_t have, room;
    uint64_t start;
    int damage;
};

/* Opens a regular file for reading, without blocking on a FIFO or acquiring a terminal. */
int text_file_open(struct text_file *text, int dirfd, const char *name, bool packed);
void text_file_close(struct text_file *text);

/* Reads text at an offset; fewer than len bytes only at the end. Going backwards in a packed file
 * works, slowly. */
ssize_t text_file_read(struct text_file *text, void *buf, size_t len, uint64_t at);
/* The start of the line that ends at or behind `at`, as the last one of a file of that size: it may
 * be incomplete now and complete later. `at`, if it is too long. */
uint64_t text_file_line_start(struct text_file *text, uint64_t at);
/* The first offset at or after `at` that holds data rather than a hole; `at` if unknown. */
uint64_t text_file_skip_hole(struct text_file *text, uint64_t at);
/* 0, or why the text of a packed file ended early: -EIO, -EBADMSG, ... */
int text_file_damage(const struct text_file *text);

#endif
