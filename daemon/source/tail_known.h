/* SPDX-License-Identifier: MIT */
/*
 * Does:         looks up the files of one name: which of them is this inode, whose text is this.
 * Doesn't know: directories, and what follows from the answer.
 * Owns:         nothing; the list is tail_path's.
 * Time:         timeless.
 * Fails:        NULL or false if nothing is found; -ENOMEM.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_KNOWN_H
#define RELAYWATCH_SOURCE_TAIL_KNOWN_H

#include "source/tail_path.h"

/* The file with this inode, by device, number and time of birth. */
struct tail_file *tail_known_inode(const struct tail_path *path, const struct file_facts *facts);
/* A rotated_files_know; ctx is the tail_path. */
bool tail_known_has_inode(void *ctx, uint64_t ino);
bool tail_known_has(const struct tail_path *path, const struct file_facts *facts);

/* During a sweep: whether its text can be read, wherever it is. */
bool tail_known_is_at_hand(const struct tail_file *file);
/* The file, other than not_this, whose text `text` begins with, preferably with all of it up to its
 * offset. strict: demand the proof that a new file under the name itself needs. */
struct tail_file *tail_known_text(const struct tail_path *path, struct text_file *text,
                                  const struct file_facts *facts, bool strict,
                                  const struct tail_file *not_this, enum likeness *ret);

/* Whether the text is too short to tell whose it is: a few bytes of a line, which all begin with a
 * date, or a few lines with which a known file begins, too. A whole line that is no other's does
 * tell, with its time, its process and its text; and what was truncated since was copied. */
bool tail_known_is_unsure(const struct tail_file *known, enum likeness likeness,
                          struct text_file *text, uint64_t size);
/* The file whose text this one's is a copy of; NULL: none. ret_unsure: so far, but it is too short
 * to be sure. */
const struct tail_file *tail_known_original(const struct tail_path *path, struct tail_file *file,
                                            bool *ret_unsure);

/* During a sweep: the file that is nowhere to be found, and of which nothing was read, if the text
 * begins like it; NULL: none. For a text that is to be read in any case. */
struct tail_file *tail_known_unread(const struct tail_path *path, struct text_file *text);

/* Puts a file where its turn to be read comes: before what was written later and not read yet. */
void tail_known_insert(struct tail_path *path, struct tail_file *file);
/* Puts it before the first that was written later and not read yet, unless it comes before. */
void tail_known_hasten(struct tail_path *path, struct tail_file *file);
void tail_known_append(struct tail_path *path, struct tail_file *file);
void tail_known_unlink(struct tail_path *path, struct tail_file *file);
/* Remembers the file's text as that of a finished file without an inode, listed before `file`. */
int tail_known_remember_text(struct tail_path *path, const struct tail_file *file);
/* Forgets the oldest finished files beyond a fixed number. */
void tail_known_prune(struct tail_path *path);

#endif
