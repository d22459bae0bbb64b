/* SPDX-License-Identifier: MIT */
#include "source/tail_glob.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/libc.h"

#define PARTS_MIN 16 /* slots; a power of two */

struct tail_glob *tail_glob_new(const char *text, size_t len)
{
    struct tail_glob *new = calloc(1, sizeof(*new));

    if (!new || !(new->text = strndup(text, len))) {
        free(new);
        return NULL;
    }
    return new;
}

void tail_glob_free(struct tail_glob *glob)
{
    hash_index_done(&glob->parts);
    free(glob->text);
    free(glob);
}

/* Apart, since a parameter below has glob(3)'s name. */
static int find(const char *pattern, glob_t *ret)
{
    return glob(pattern, GLOB_ONLYDIR, NULL, ret);
}

/* If memory is short, the part is not found by its events, but when the glob is expanded next. */
static void remember(struct tail_glob *glob, int watch, uint32_t part)
{
    if (!glob->parts.slot && !hash_index_init(&glob->parts, PARTS_MIN))
        return;
    uint32_t hash = watches_first(watch), at = hash, each;
    while ((each = hash_index_next(&glob->parts, hash, &at)) != 0)
        if (each == part)
            return;
    if (hash_index_reserve(&glob->parts))
        hash_index_add(&glob->parts, hash, part);
}

static bool watch_matches(struct tail_glob *glob, const char *pattern, uint32_t part,
                          struct watches *watches)
{
    glob_t found;
    bool all = true;

    if (find(pattern, &found) != 0)
        return true;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int r = watches_add_directory(watches, found.gl_pathv[i], 0);
        if (r >= 0)
            remember(glob, r, part);
        all &= r >= 0 || r == -ENOENT || r == -ENOTDIR;
    }
    globfree(&found);
    return all;
}

bool tail_glob_watch(struct tail_glob *glob, struct watches *watches)
{
    uint32_t part = 0;
    bool all = true;

    hash_index_done(&glob->parts);
    for (char *slash = glob->text; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        all &= watch_matches(glob, slash == glob->text ? "/" : glob->text, ++part, watches);
        *slash = '/';
    }
    return all;
}

static bool part_matches(const struct tail_glob *glob, uint32_t part, const char *name)
{
    const char *slash = glob->text, *next;

    while (--part > 0)
        slash = strchr(slash + 1, '/');
    next = strchr(slash + 1, '/');
    char *text = next ? strndup(slash + 1, (size_t)(next - slash - 1)) : strdup(slash + 1);
    bool hit = text && fnmatch(text, name, 0) == 0;
    free(text);
    return hit;
}

bool tail_glob_hints(const struct tail_glob *glob, int watch, const char *name)
{
    uint32_t hash = watches_first(watch), at = hash, part;

    while (glob->parts.slot && (part = hash_index_next(&glob->parts, hash, &at)) != 0)
        if (part_matches(glob, part, name))
            return true;
    return false;
}
