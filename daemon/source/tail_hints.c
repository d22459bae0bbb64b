/* SPDX-License-Identifier: MIT */
#include "source/tail_hints.h"

#include <string.h>
#include <sys/inotify.h>

#include "source/rotated_files.h"

struct hints {
    struct tail_names *names;
    const struct tail_glob *globs;
    struct tail_world *world;
    bool expand;
};

static void hint_all(struct hints *hints)
{
    for (struct tail_path *path = hints->names->first; path; path = path->next) {
        path->dirty = path->named = path->sweep = true;
        tail_names_hint(hints->names, path);
    }
    hints->expand = true;
}

static struct tail_path *next_owner(const struct hints *hints, int watch, uint32_t *at)
{
    uint32_t owner;

    while ((owner = watches_owner(&hints->world->watches, watch, at)) != 0)
        if (hints->names->at[owner - 1]) /* it may be forgotten since */
            return hints->names->at[owner - 1];
    return NULL;
}

/* Of a file, or of a directory that was itself moved or deleted. */
static void hint_itself(struct hints *hints, struct tail_path *path, int watch, uint32_t mask)
{
    bool is_file = false;

    for (struct tail_file *file = path->files; file; file = file->next) {
        if (file->watch != watch)
            continue;
        is_file = true;
        if (mask & IN_IGNORED)
            file->watch = -1;
    }
    if (!is_file && !(mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)))
        return;
    path->dirty = true;
    if (!is_file)
        path->named = path->sweep = hints->expand = true;
    tail_names_hint(hints->names, path);
}

static bool hint_owners(struct hints *hints, int watch, uint32_t mask)
{
    uint32_t at = watches_first(watch);
    struct tail_path *path;
    bool any = false;

    for (; (path = next_owner(hints, watch, &at)) != NULL; any = true)
        hint_itself(hints, path, watch, mask);
    return any;
}

/* Also after a rotated file was renamed: a sweep that was busy meanwhile may have missed it. True
 * if it is the name itself. */
static bool hint_path(struct tail_path *path, const char *base, const char *name)
{
    bool packed;

    if (strcmp(name, base) == 0) {
        path->dirty = path->named = true;
        return true;
    }
    if (rotated_name_matches(base, name, &packed))
        path->dirty = path->named = path->sweep = true;
    return false;
}

/* A busy directory must cost nothing, so only names that may be ours count. */
static void hint_name(struct hints *hints, int watch, const char *name)
{
    uint32_t at = watches_first(watch);
    struct tail_path *path;
    bool known = false;

    while ((path = next_owner(hints, watch, &at)) != NULL) {
        const char *slash = path->real ? strrchr(path->real, '/') : NULL;

        if (path->waiting)
            path->dirty = path->named = true;
        known |= hint_path(path, path->base, name) && path->directory_watch == watch;
        if (slash)
            hint_path(path, slash + 1, name);
        if (path->dirty)
            tail_names_hint(hints->names, path);
    }
    for (const struct tail_glob *each = hints->globs; each && !known; each = each->next)
        hints->expand |= tail_glob_hints(each, watch, name);
}

static void on_event(void *ctx, int watch, uint32_t mask, const char *name)
{
    struct hints *hints = ctx;
    bool gone = (mask & IN_IGNORED) != 0;

    if (mask & IN_Q_OVERFLOW) {
        source_say(hints->world->source, SOURCE_NOTE_OVERFLOW, 1, "change notifications were lost");
        hint_all(hints);
    } else if (name[0]) {
        hint_name(hints, watch, name);
    } else if (!hint_owners(hints, watch, mask) && !(mask & (IN_ATTRIB | IN_IGNORED | IN_MODIFY))) {
        hint_all(hints); /* a directory above was itself moved or deleted */
    }
    if (gone)
        watches_forget(&hints->world->watches, watch);
}

bool tail_hints_take(struct tail_names *names, const struct tail_glob *globs,
                     struct tail_world *world)
{
    struct hints hints = {names, globs, world, false};

    watches_read(&world->watches, on_event, &hints);
    return hints.expand;
}
