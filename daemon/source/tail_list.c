/* SPDX-License-Identifier: MIT */
#include "source/tail_list.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "source/tail_known.h"

struct listing {
    const struct tail_path *path;
    struct rotated_files *files;
};

static int add(struct listing *listing, const char *name, const char *directory)
{
    return rotated_files_add(listing->files, name, directory, tail_known_has_inode,
                             (void *)(uintptr_t)listing->path);
}

static int add_real(struct listing *listing)
{
    const char *real = listing->path->real, *slash = strrchr(real, '/');
    char *directory = strndup(real, slash == real ? 1 : (size_t)(slash - real));
    int r = directory ? add(listing, real, directory) : -ENOMEM;

    free(directory);
    return r;
}

static int add_word(void *ctx, const char *word, size_t len)
{
    struct listing *listing = ctx;
    char directory[PATH_MAX];

    if (len >= sizeof(directory))
        return 0;
    memcpy(directory, word, len);
    directory[len] = '\0';
    return add(listing, listing->path->path, directory);
}

int tail_list(const struct tail_path *path, const struct tail_world *world,
              struct rotated_files *ret)
{
    struct listing listing = {path, ret};
    int r;

    *ret = (struct rotated_files){0};
    r = add(&listing, path->path, path->directory);
    if (r == 0 && path->real)
        r = add_real(&listing);
    if (r == 0)
        r = source_each_word(world->rotated, add_word, &listing);
    rotated_files_sort(ret);
    return r;
}

bool tail_list_is_current(const struct tail_path *path, const struct tail_world *world,
                          const struct rotated_files *list)
{
    struct rotated_files now;
    bool same = tail_list(path, world, &now) == 0 && now.names == list->names;

    rotated_files_done(&now);
    return same;
}
