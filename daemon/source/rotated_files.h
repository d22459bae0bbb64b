/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the files that may be rotated forms of a log: by name, or because a known
 *               inode number stands in the directory.
 * Doesn't know: which of them were read, and what they hold.
 * Owns:         the list, and whatever is still open in it.
 * Time:         timeless; sorts by the disk's times.
 * Fails:        what cannot be looked at is left out. -ENOMEM is the only failure.
 */
#ifndef RELAYWATCH_SOURCE_ROTATED_FILES_H
#define RELAYWATCH_SOURCE_ROTATED_FILES_H

#include <sys/types.h>

#include "source/text_file.h"

struct rotated_file {
    char *path;
    struct file_facts facts;
    struct text_file text; /* opened by whoever needs it */
    bool packed;
    bool named; /* it looks like a rotated file; else it is here because of its inode */
};

struct rotated_files {
    struct rotated_file *at; /* the one last written to comes last */
    size_t count, room;
};

typedef bool rotated_files_know(void *ctx, uint64_t ino);

/* Adds the rotated_files of path in directory, which need not be the path's own. */
int rotated_files_add(struct rotated_files *rotated_files, const char *path, const char *directory,
                      rotated_files_know *know, void *ctx);
void rotated_files_sort(struct rotated_files *rotated_files);
/* "mail.log.1.gz" beside "mail.log.1" is being written just now, and holds nothing more. */
bool rotated_files_has_unpacked(const struct rotated_files *rotated_files,
                                const struct rotated_file *packed);
/* Opens it once; false where that cannot be done or another file has the name now. */
bool sibling_open(struct rotated_file *rotated_file);
void rotated_files_done(struct rotated_files *rotated_files);

/* Whether name is a rotated form of base: base with ".1", "-20260101", ".20260101-031500", ".old"
 * behind it or in front of its last extension, and perhaps ".gz" or ".zst" behind that. */
bool sibling_is_rotated(const char *base, const char *name, bool *ret_packed);
/* Whether a name says that the file is packed or temporary: never to be followed. */
bool sibling_is_leftover(const char *name);

#endif
