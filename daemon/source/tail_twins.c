/* SPDX-License-Identifier: MIT */
#include "source/tail_twins.h"

#include <fcntl.h>

#include "base/hash.h"
#include "source/tail_known.h"

static bool is_due(const struct tail_path *path, int64_t now_us)
{
    return path->named || now_us >= path->recheck_us;
}

/* All are asked at once, and before any is read: a rotation changes what several names show. */
static bool ask_all(const struct tail_names *names, int64_t now_us)
{
    bool due = false;

    for (const struct tail_path *path = names->due; path && !due; path = path->next_due)
        due = path != names->first && is_due(path, now_us);
    for (struct tail_path *path = names->first; due && path; path = path->next)
        if (file_facts_get(AT_FDCWD, path->path, &path->shown) < 0)
            path->shown.ino = 0;
    return due;
}

static uint32_t hash_of(uint64_t ino)
{
    return (uint32_t)(ino * HASH_ODD_1 >> 32);
}

static bool add(struct hash_index *inodes, uint64_t ino, const struct tail_path *path)
{
    if (ino == 0)
        return true;
    if (!hash_index_reserve(inodes))
        return false;
    hash_index_add(inodes, hash_of(ino), path->place + 1);
    return true;
}

/* What each name shows, and the files that are known of it. False: memory is short. */
static bool make_index(const struct tail_names *names, struct hash_index *ret)
{
    bool good = hash_index_init(ret, 64);

    for (const struct tail_path *path = names->first; good && path; path = path->next) {
        good = add(ret, path->shown.ino, path);
        for (const struct tail_file *file = path->files; good && file; file = file->next)
            good = file->id.ino == path->shown.ino || add(ret, file->id.ino, path);
    }
    return good;
}

static const struct tail_path *earlier_name(const struct tail_names *names,
                                            const struct hash_index *inodes,
                                            const struct tail_path *path)
{
    const struct file_facts *shown = &path->shown;
    const struct tail_path *first = NULL;
    uint32_t at = hash_of(shown->ino), number;

    if (shown->ino == 0)
        return NULL;
    while ((number = hash_index_next(inodes, hash_of(shown->ino), &at)) != 0) {
        const struct tail_path *other = names->at[number - 1];
        if (other->number < path->number && !other->twin &&
            (!first || other->number < first->number) &&
            (file_facts_same(&other->shown, shown->dev, shown->ino, shown->btime_ns) ||
             tail_known_has(other, shown)))
            first = other;
    }
    return first;
}

static void find(const struct tail_names *names, const struct hash_index *inodes,
                 struct tail_world *world, int64_t now_us)
{
    for (struct tail_path *path = names->first->next; path; path = path->next) {
        const struct tail_path *earlier;

        if (!path->due || !is_due(path, now_us))
            continue;
        earlier = earlier_name(names, inodes, path);
        if (earlier && !path->twin)
            source_say(world->source, SOURCE_NOTE_TWICE, 1, "%s is %s: it is read once", path->path,
                       earlier->path);
        if (earlier)
            tail_path_rest(path, world, now_us);
        else if (path->twin)
            path->dirty = path->named = path->sweep = true;
        path->twin = earlier != NULL;
    }
}

/* If memory is short, what is a twin stays one. */
void tail_twins_find(struct tail_names *names, struct tail_world *world, int64_t now_us)
{
    struct hash_index inodes;

    if (!ask_all(names, now_us))
        return;
    if (make_index(names, &inodes))
        find(names, &inodes, world, now_us);
    hash_index_done(&inodes);
}
