/* SPDX-License-Identifier: MIT */
#include "source/tail_glob.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common/libc.h"

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
    free(glob->text);
    free(glob);
}

static bool watch_matches(const char *pattern, struct watches *watches)
{
    glob_t found;
    bool all = true;

    if (glob(pattern, GLOB_ONLYDIR, NULL, &found) != 0)
        return true;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int r = watches_add_directory(watches, found.gl_pathv[i]);
        all &= r >= 0 || r == -ENOENT || r == -ENOTDIR;
    }
    globfree(&found);
    return all;
}

bool tail_glob_watch(const struct tail_glob *glob, struct watches *watches)
{
    bool all = true;

    for (char *slash = glob->text; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        all &= watch_matches(slash == glob->text ? "/" : glob->text, watches);
        *slash = '/';
    }
    return all;
}

bool tail_glob_hints(const struct tail_glob *glob, const char *name)
{
    const char *slash = glob->text, *next;
    bool hit = false;

    for (; slash && !hit; slash = next) {
        next = strchr(slash + 1, '/');
        char *part = next ? strndup(slash + 1, (size_t)(next - slash - 1)) : strdup(slash + 1);
        hit = part && fnmatch(part, name, 0) == 0;
        free(part);
    }
    return hit;
}
