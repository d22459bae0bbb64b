/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells by name and time whether an unknown rotated file was never read: the floor is
 *               the time up to which every file is accounted for, whether read or left out.
 * Doesn't know: what is in the files.
 * Owns:         the floors in tail_path.
 * Time:         compares the disk's times of birth and last write with each other.
 * Fails:        -ENOMEM.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_FLOOR_H
#define RELAYWATCH_SOURCE_TAIL_FLOOR_H

#include "source/rotated_files.h"
#include "source/tail_path.h"

/* live: what the name shows; NULL: nothing. */
bool tail_floor_is_unread(const struct tail_path *path, const struct tail_world *world,
                          const struct rotated_file *file, const struct file_facts *live);
/* Every file listed is accounted for now. */
int tail_floor_raise(struct tail_path *path, struct rotated_files *list,
                     const struct file_facts *live);

#endif
