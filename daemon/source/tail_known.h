/* SPDX-License-Identifier: MIT */
/*
 * Does:         the files of one name as a list: which of them is this inode, whose text is this.
 * Doesn't know: directories, and what follows from the answer.
 * Owns:         nothing; the list is follow_path's.
 * Time:         timeless.
 * Fails:        NULL or false where nothing is found; -ENOMEM.
 */
#ifndef RELAYWATCH_FOLLOW_KNOWN_H
#define RELAYWATCH_FOLLOW_KNOWN_H

#include "source/tail_path.h"

struct followed *known_inode(const struct follow_path *path, const struct file_facts *facts);
/* A siblings_know; ctx is the path. */
bool known_has_inode(void *ctx, uint64_t ino);

/* The file, other than not_this, whose text `text` begins with: preferably all up to its offset.
 * strict: as much proof as for a new file at the very name. size: of text, as far as known. */
struct followed *known_text(const struct follow_path *path, struct text_file *text, uint64_t size,
                            bool strict, const struct followed *not_this, enum likeness *ret);

void known_append(struct follow_path *path, struct followed *file);
void known_unlink(struct follow_path *path, struct followed *file);
/* Puts in front of file a finished one with the same text and no inode. */
int known_keep(struct follow_path *path, const struct followed *file);
/* Forgets the oldest finished ones beyond a fixed number. */
void known_prune(struct follow_path *path);

#endif
