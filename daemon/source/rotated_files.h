/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the files that may be rotated forms of a log: by name, or because a known
 *               inode number is in the directory.
 * Doesn't know: which of them were read, and what they contain.
 * Owns:         the list, and whatever is still open in it.
 * Time:         timeless; sorts by the disk's times.
 * Fails:        skips what it cannot look at. Fails only with -ENOMEM.
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
    bool named;   /* its name is that of a rotated file; if neither, its inode is known */
    bool sibling; /* its name differs from the log's in its digits only */
};

struct rotated_files {
    struct rotated_file *at; /* the most recently written comes last */
    size_t count, room;
    uint64_t names; /* a hash of which name shows which file, the log itself included */
    bool full;      /* there are more of them than a list can hold */
};

typedef bool rotated_files_know(void *ctx, uint64_t ino);

/* Adds the rotated forms of `path` in `directory`, which need not be the path's own. know: whether
 * an inode number is known. */
int rotated_files_add(struct rotated_files *rotated_files, const char *path, const char *directory,
                      rotated_files_know *know, void *ctx);
void rotated_files_sort(struct rotated_files *rotated_files);
/* Opens it, unless it is open already. False if it can't, or another file has the name now. */
bool rotated_file_open(struct rotated_file *rotated_file);
/* "mail.log.1.gz" beside the "mail.log.1" it is made of: gzip is still writing it, and it holds
 * nothing new. Unless the two have nothing to do with each other: then the packed one begins
 * differently, or goes on where the other ends. */
bool rotated_files_is_being_packed(const struct rotated_files *rotated_files,
                                   struct rotated_file *packed);
void rotated_files_done(struct rotated_files *rotated_files);

/* Whether `name` is a rotated form of `base`: base with ".1", "-20260101", ".20260101-031500" or
 * ".old" appended or inserted before its extension, possibly followed by ".gz" or ".zst". */
bool rotated_name_matches(const char *base, const char *name, bool *ret_packed);
/* Whether the names differ, but only in their digits: "mail-20261124.log" and the like, between
 * which a symbolic link is turned. `name` may end in ".gz" or ".zst". */
bool rotated_name_is_sibling(const char *base, const char *name, bool *ret_packed);
/* Whether the name is that of a packed or temporary file, which is never followed as a log. */
bool rotated_name_is_leftover(const char *name);

#endif
