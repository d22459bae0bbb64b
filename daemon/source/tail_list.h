/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists every file that may be a rotated form of a name, wherever such files may be:
 *               beside the name, beside the target of a symbolic link, in the directories of
 *               `rotated`.
 * Doesn't know: which of them were read.
 * Owns:         nothing; the list is the caller's.
 * Time:         timeless.
 * Fails:        -ENOMEM. A directory that cannot be read counts as empty.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_LIST_H
#define RELAYWATCH_SOURCE_TAIL_LIST_H

#include "source/rotated_files.h"
#include "source/tail_path.h"

/* The caller ends the list with rotated_files_done, whatever is returned. */
int tail_list(const struct tail_path *path, const struct tail_world *world,
              struct rotated_files *ret);
/* Whether nothing was renamed, added or removed since the list was made. A directory is not read
 * at one moment: while logrotate renames, a file may be listed twice, or not at all. */
bool tail_list_is_current(const struct tail_path *path, const struct tail_world *world,
                          const struct rotated_files *list);

#endif
