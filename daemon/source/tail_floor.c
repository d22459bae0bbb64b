/* SPDX-License-Identifier: MIT */
#include "source/tail_floor.h"

#include <errno.h>

#include "source/tail_known.h"

/* Whether a file that differs from the target of a symbolic link in its digits only was itself the
 * target once: "mail-20261123.log" before "mail-20261124.log". The times tell it from the log of
 * another host: at the first look, that it was no longer written to when the target was born;
 * later, that it was born between the target we knew and this one. */
static bool was_target(const struct tail_path *path, const struct tail_world *world,
                       const struct rotated_file *file, const struct file_facts *live)
{
    if (!file->sibling || !path->real || !live || live->btime_ns == 0)
        return false;
    if (path->fresh_rotated)
        return file->facts.mtime_ns <= live->btime_ns + 1000 * world->grace;
    if (!path->turned || file->facts.btime_ns <= path->floor_btime_ns)
        return false;
    return file->packed ? file->facts.mtime_ns <= live->mtime_ns
                        : file->facts.btime_ns <= live->btime_ns;
}

bool tail_floor_is_unread(const struct tail_path *path, const struct tail_world *world,
                          const struct rotated_file *file, const struct file_facts *live)
{
    const struct file_facts *facts = &file->facts;

    if (!file->named && !was_target(path, world, file, live))
        return false;
    if (path->fresh_rotated)
        return path->fresh && world->start == SOURCE_SINCE &&
               facts->mtime_ns / 1000 >= world->since;
    if (file->packed)
        return facts->mtime_ns >= path->floor_mtime_ns;
    if (!path->settled && facts->mtime_ns < path->floor_mtime_ns)
        return false;
    return facts->btime_ns ? facts->btime_ns >= path->floor_btime_ns
                           : facts->mtime_ns > path->floor_mtime_ns;
}

/* Remembers rotated files ignored at the very first look that are as young as the floor: by time of
 * birth alone they would count as unread at the next. Not one that is a copy being made: it will
 * grow, and what is added is not new. */
static int remember_ties(struct tail_path *path, struct rotated_files *list)
{
    for (size_t i = 0; path->fresh_rotated && i < list->count; i++) {
        struct rotated_file *rotated_file = &list->at[i];
        enum likeness likeness;
        struct tail_file *file;

        if (!rotated_file->named || rotated_file->packed ||
            rotated_file->facts.btime_ns != path->floor_btime_ns ||
            tail_known_inode(path, &rotated_file->facts) || !rotated_file_open(rotated_file))
            continue;
        if (tail_known_text(path, &rotated_file->text, &rotated_file->facts, false, NULL,
                            &likeness))
            continue;
        file = tail_file_new(TAIL_DONE);
        if (!file)
            return -ENOMEM;
        identity_set_inode(&file->id, &rotated_file->facts);
        identity_read(&file->id, &rotated_file->text, rotated_file->facts.size);
        file->next = path->files;
        path->files = file;
    }
    return 0;
}

static void raise_birth(struct tail_path *path, const struct file_facts *facts)
{
    if (facts->btime_ns > path->floor_btime_ns)
        path->floor_btime_ns = facts->btime_ns;
}

int tail_floor_raise(struct tail_path *path, struct rotated_files *list,
                     const struct file_facts *live)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!list->at[i].named)
            continue;
        raise_birth(path, &list->at[i].facts);
        if (path->fresh_rotated && list->at[i].facts.mtime_ns > path->floor_mtime_ns)
            path->floor_mtime_ns = list->at[i].facts.mtime_ns;
    }
    if (live) {
        raise_birth(path, live);
        if (live->mtime_ns > path->floor_mtime_ns)
            path->floor_mtime_ns = live->mtime_ns;
    }
    return remember_ties(path, list);
}
