/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the files of a directory of journals: which hosts each holds entries of, and
 *               which changed; one inotify instance watches them all.
 * Doesn't know: what else is in an entry; how a host is read.
 * Owns:         the list of files and the inotify descriptor; the readers are the source's.
 * Time:         timeless.
 * Fails:        -ENOMEM. A file that cannot be read holds nothing, until it changes.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_FILES_H
#define RELAYWATCH_SOURCE_JOURNAL_FILES_H

#include <stdbool.h>

#include "base/span.h"

struct journal_files;
struct journal_reader;

/* Returns 0 and the host's reader, or NULL if it is not read; or -ENOMEM. */
typedef int journal_files_find(void *ctx, struct span host, struct journal_reader **ret);

/* `directory` is borrowed. NULL if out of memory. */
struct journal_files *journal_files_new(const char *directory);
void journal_files_free(struct journal_files *files);

/* -1: no inotify instance is left. */
int journal_files_fd(const struct journal_files *files);
/* Whether changes are notified; else scan from time to time. */
bool journal_files_are_watched(const struct journal_files *files);
/* Marks the readers of what was written to as due. True if a file came or went, or holds no host
 * yet: then scan. */
bool journal_files_read_events(struct journal_files *files);
/* Lists the directory and asks what is new for its hosts; if `all`, what has changed, too. Readers
 * whose files are others than before are marked as stale, and as vacuumed if one is gone. Without a
 * watch, every reader is marked as due. */
int journal_files_scan(struct journal_files *files, bool all, journal_files_find *find, void *ctx);

/* The paths of the files that hold the host's entries, NULL-terminated; the caller frees the array,
 * the texts are borrowed until the next scan. NULL if out of memory. */
const char **journal_files_of(const struct journal_files *files,
                              const struct journal_reader *reader);
/* Leaves out the reader's files that cannot be opened, until they change. Calls `say` for each. */
void journal_files_drop_broken(struct journal_files *files, const struct journal_reader *reader,
                               void (*say)(void *ctx, const char *path, int error), void *ctx);

#endif
