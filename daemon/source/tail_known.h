/* SPDX-License-Identifier: MIT */
/*
 * Does:         the files of one name as a list: which of them is this inode, whose text is this.
 * Doesn't know: directories, and what follows from the query.
 * Owns:         nothing; the list is tail_path's.
 * Time:         timeless.
 * Fails:        NULL or false where nothing is found; -ENOMEM.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_KNOWN_H
#define RELAYWATCH_SOURCE_TAIL_KNOWN_H

#include "source/tail_path.h"

struct tail_file *known_inode(const struct tail_path *path, const struct file_facts *facts);
/* A rotated_files_know; ctx is the path. */
bool known_has_inode(void *ctx, uint64_t ino);

/* The file, other than not_this, whose text `text` begins with: preferably all up to its offset.
 * strict: as much proof as for a new file at the very name. size: of text, as far as known. */
struct tail_file *known_text(const struct tail_path *path, struct text_file *text, uint64_t size,
                             bool strict, const struct tail_file *not_this, enum likeness *ret);

void known_append(struct tail_path *path, struct tail_file *file);
void known_unlink(struct tail_path *path, struct tail_file *file);
/* Puts in front of file a finished one with the same text and no inode. */
int known_keep(struct tail_path *path, const struct tail_file *file);
/* Forgets the oldest finished ones beyond a fixed number. */
void known_prune(struct tail_path *path);

#endif
