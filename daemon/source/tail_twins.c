/* SPDX-License-Identifier: MIT */
#include "source/tail_twins.h"

#include <fcntl.h>

#include "source/tail_known.h"

static bool is_due(const struct tail_path *path, int64_t now_us)
{
    return path->named || now_us >= path->recheck_us;
}

/* All are asked at once, and before any is read: a rotation changes what several names show. */
static bool ask_all(struct tail_path *paths, int64_t now_us)
{
    bool due = false;

    for (struct tail_path *path = paths->next; path && !due; path = path->next)
        due = is_due(path, now_us);
    for (struct tail_path *path = paths; due && path; path = path->next)
        if (file_facts_get(AT_FDCWD, path->path, &path->shown) < 0)
            path->shown.ino = 0;
    return due;
}

static const struct tail_path *earlier_name(const struct tail_path *paths,
                                            const struct tail_path *path)
{
    const struct file_facts *shown = &path->shown;

    for (const struct tail_path *other = paths; shown->ino && other != path; other = other->next)
        if (!other->twin &&
            (file_facts_same(&other->shown, shown->dev, shown->ino, shown->btime_ns) ||
             tail_known_has(other, shown)))
            return other;
    return NULL;
}

void tail_twins_find(struct tail_path *paths, struct tail_world *world, int64_t now_us)
{
    if (!paths || !ask_all(paths, now_us))
        return;
    for (struct tail_path *path = paths->next; path; path = path->next) {
        const struct tail_path *earlier;

        if (!is_due(path, now_us))
            continue;
        earlier = earlier_name(paths, path);
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
