/* SPDX-License-Identifier: MIT */
#include "source/tail_blind.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

/* How long a rotated file may go without a successor: who writes it may only make a new one for
 * the next line, and a quiet server may have none for a weekend. What a log that is gone for good
 * hides until then, the silence of service/sight.c shows. */
#define SUCCESSOR_LATE (3 * 86400 * US_PER_S)

/* Whether the name shows nothing because its file was rotated away, or is still being written to
 * under no name. */
static bool is_between(const struct tail_path *path, int64_t now_us)
{
    if (now_us - path->missing_since_us >= SUCCESSOR_LATE)
        return false;
    for (const struct tail_file *file = path->files; file; file = file->next)
        if (file->seen || tail_file_is_open(file))
            return true;
    return false;
}

static bool has_path(const struct tail_path *paths, const struct tail_glob *glob)
{
    for (const struct tail_path *path = paths; path; path = path->next)
        if (path->from_glob && fnmatch(glob->text, path->path, FNM_PATHNAME) == 0)
            return true;
    return false;
}

void tail_blind_each(const struct tail_path *paths, const struct tail_glob *globs,
                     const char *unread, int64_t now_us, blind_visit *visit, void *ctx)
{
    for (const struct tail_path *path = paths; path; path = path->next) {
        const char *why = path->error == -EINVAL ? "not a regular file" : strerror(-path->error);
        if (path->unreadable)
            visit(ctx, BLIND_UNREADABLE, path->path, why);
        else if (path->waiting && !is_between(path, now_us))
            visit(ctx, BLIND_MISSING, path->path, why);
    }
    for (const struct tail_glob *glob = globs; glob; glob = glob->next)
        if (!glob->matches && !has_path(paths, glob))
            visit(ctx, BLIND_MISSING, glob->text, "no file matches, or a directory can't be read");
    if (unread)
        visit(ctx, BLIND_BEYOND, unread, "more files match than are followed");
}

wall_us tail_blind_written(const struct tail_path *paths)
{
    wall_us last = WHEN_UNKNOWN;
    struct file_facts facts;

    for (const struct tail_path *path = paths; path; path = path->next) {
        if (file_facts_get(AT_FDCWD, path->path, &facts) < 0)
            continue;
        if (last == WHEN_UNKNOWN || facts.mtime_ns / 1000 > last)
            last = facts.mtime_ns / 1000;
    }
    return last;
}
