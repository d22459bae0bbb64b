/* SPDX-License-Identifier: MIT */
/*
 * Names are followed each on its own; globs only add and remove names.
 */
#include "source/source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "source/rotated_files.h"
#include "source/tail_blind.h"
#include "source/tail_hints.h"
#include "source/tail_known.h"
#include "source/tail_order.h"
#include "source/tail_seen.h"
#include "source/tail_twins.h"

#define NAMES_MAX      4096 /* as limits.hosts: each looks at its whole directory now and then */
#define OTHER_FILES    64   /* descriptors that are not logs */
#define BYTES_PER_LINE 128

/* SOURCE_LAST: of a file at most, and of all of them. */
enum { LAST_BYTES = 1024 * 1024, LAST_OF_ALL = 64 * 1024 * 1024 };

struct file_source {
    struct source source;
    struct tail_world world;
    struct tail_names names;
    struct tail_glob *globs;
    bool globs_dirty;
    bool crowded;                /* more names match than are followed; noted */
    char unread[BLIND_WHAT_MAX]; /* the first of them */
    int64_t globs_us;            /* when to expand them again in any case */
};

/* -- Globs. -- */

/* A rotated or packed file, or one that belongs to another name, is not a log in its own right. */
static bool is_own_log(const struct file_source *files, const glob_t *found, const char *name)
{
    const char *base = strrchr(name, '/') + 1;
    struct file_facts facts;
    bool packed;

    if (rotated_name_is_leftover(base) || file_facts_get(AT_FDCWD, name, &facts) < 0)
        return false;
    for (size_t i = 0; i < found->gl_pathc; i++)
        if (rotated_name_matches(strrchr(found->gl_pathv[i], '/') + 1, base, &packed))
            return false;
    for (struct tail_path *path = files->names.first; path; path = path->next)
        if (tail_known_has(path, &facts) || rotated_name_matches(path->base, base, &packed))
            return false;
    return true;
}

/* Each may have its file open and some that it showed before; and the daemon needs some, too. */
static size_t most_names(void)
{
    struct rlimit limit;
    size_t most = NAMES_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / 2 < most + OTHER_FILES)
        most =
            limit.rlim_cur / 2 > 2 * OTHER_FILES ? limit.rlim_cur / 2 - OTHER_FILES : OTHER_FILES;
    return most;
}

static void say_crowded(struct file_source *files, size_t most, const char *name)
{
    if (!files->crowded)
        source_say(&files->source, SOURCE_NOTE_BEYOND, 1,
                   "more than %zu files match: %s is not read, nor are others", most, name);
    files->crowded = true;
    snprintf(files->unread, sizeof(files->unread), "%s", name);
}

/* Adds the names a glob matches now. Their number is bounded: a glob on a busy directory must not
 * exhaust the descriptors. */
static int expand(struct file_source *files, struct tail_glob *pattern)
{
    size_t most = most_names();
    glob_t found;

    pattern->matches = glob(pattern->text, 0, NULL, &found) == 0;
    if (!pattern->matches)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *name = found.gl_pathv[i];
        struct tail_path *path;

        if (tail_names_find(&files->names, name, strlen(name)) || !is_own_log(files, &found, name))
            continue;
        if (files->names.count >= most) {
            say_crowded(files, most, name);
            break;
        }
        path = tail_names_add(&files->names, name, strlen(name));
        if (!path) {
            globfree(&found);
            return -ENOMEM;
        }
        path->from_glob = true;
        /* Not there when we started: all of it is new. */
        path->fresh = files->world.starting;
    }
    globfree(&found);
    return 0;
}

/* A name that a glob found, and that shows nothing any more. */
static bool is_over(const struct tail_path *path)
{
    return path->from_glob && path->waiting && tail_path_is_over(path);
}

static int expand_all(struct file_source *files, int64_t now_us)
{
    bool watched = files->world.watches.fd >= 0;
    int r = 0;

    if (!files->globs || (!files->globs_dirty && now_us < files->globs_us))
        return 0;
    if (now_us >= files->globs_us)
        tail_names_prune(&files->names, &files->world, is_over);
    files->crowded &= files->names.count >= most_names();
    for (struct tail_glob *each = files->globs; r == 0 && each; each = each->next) {
        watched &= tail_glob_watch(each, &files->world.watches);
        r = expand(files, each);
    }
    files->globs_dirty = false;
    files->globs_us = now_us + (watched ? files->world.recheck : files->world.poll);
    return r;
}

/* -- The source's functions. -- */

static struct file_source *files_of(const struct source *source)
{
    return (struct file_source *)(uintptr_t)source;
}

static int look(struct file_source *files, int64_t now_us, size_t bytes)
{
    tail_names_collect(&files->names, &files->world, now_us);
    tail_twins_find(&files->names, &files->world, now_us);
    return tail_order_run(&files->names, &files->world, now_us, bytes);
}

static int files_run(struct source *source, int64_t now_us, size_t budget)
{
    struct file_source *files = files_of(source);
    size_t bytes = budget < SIZE_MAX / BYTES_PER_LINE ? budget * BYTES_PER_LINE : SIZE_MAX;
    int r;

    files->globs_dirty |= tail_hints_take(&files->names, files->globs, &files->world);
    r = expand_all(files, now_us);
    return r < 0 ? r : look(files, now_us, bytes);
}

static int files_fd(const struct source *source)
{
    return files_of(source)->world.watches.fd;
}

static int64_t files_deadline_us(const struct source *source)
{
    const struct file_source *files = files_of(source);
    int64_t names = tail_names_deadline_us(&files->names);

    return files->globs && files->globs_us < names ? files->globs_us : names;
}

static uint64_t files_behind(const struct source *source)
{
    uint64_t bytes = 0;

    for (const struct tail_path *path = files_of(source)->names.first; path; path = path->next)
        for (const struct tail_file *file = path->files; file; file = file->next)
            if (tail_file_is_open(file))
                bytes += tail_file_rest(file);
    return bytes;
}

static void files_each_blind(const struct source *source, int64_t now_us, blind_visit *visit,
                             void *ctx)
{
    const struct file_source *files = files_of(source);

    tail_blind_each(files->names.first, files->globs, files->crowded ? files->unread : NULL, now_us,
                    visit, ctx);
}

static wall_us files_written(const struct source *source)
{
    return tail_blind_written(files_of(source)->names.first);
}

static char *files_position(const struct source *source)
{
    json_t *parts = json_array();

    const struct tail_path *path = files_of(source)->names.first;

    for (; parts && path; path = path->next)
        if (json_array_append_new(parts, tail_path_to_json(path)) < 0) {
            json_decref(parts);
            parts = NULL;
        }
    return source_format_position("files", parts);
}

static void files_close(struct source *source)
{
    struct file_source *files = files_of(source);

    tail_names_done(&files->names, &files->world);
    while (files->globs) {
        struct tail_glob *first = files->globs;
        files->globs = first->next;
        tail_glob_free(first);
    }
    watches_done(&files->world.watches);
    tail_buffer_done(&files->world.buffer);
    free(files->world.rotated);
    free(files);
}

static const struct source_ops ops = {
    .run = files_run,
    .fd = files_fd,
    .deadline_us = files_deadline_us,
    .position = files_position,
    .behind = files_behind,
    .each_blind = files_each_blind,
    .written = files_written,
    .close = files_close,
};

/* -- Opening. -- */

static int add_glob(struct file_source *files, const char *text, size_t len)
{
    struct tail_glob *new = tail_glob_new(text, len);

    if (!new)
        return -ENOMEM;
    new->next = files->globs;
    files->globs = new;
    return 0;
}

static int add_word(void *ctx, const char *word, size_t len)
{
    struct file_source *files = ctx;
    size_t plain = strcspn(word, "*?[");

    if (word[0] != '/' || word[len - 1] == '/')
        return -EINVAL;
    if (plain < len)
        return add_glob(files, word, len);
    if (tail_names_find(&files->names, word, len))
        return 0;
    return tail_names_add(&files->names, word, len) ? 0 : -ENOMEM;
}

/* Drops names of the position that are no longer wanted, unless a glob matches them. */
static int load_path(struct source *source, const json_t *json)
{
    struct file_source *files = files_of(source);
    const char *name = json_string_value(json_object_get(json, "path"));
    struct tail_path *path = name ? tail_names_find(&files->names, name, strlen(name)) : NULL;

    for (struct tail_glob *p = files->globs; name && !path && p; p = p->next) {
        if (fnmatch(p->text, name, FNM_PATHNAME) != 0)
            continue;
        path = tail_names_add(&files->names, name, strlen(name));
        if (!path)
            return -ENOMEM;
        path->from_glob = true;
    }
    return path && path->fresh && tail_path_load(path, json);
}

static dur_us or_default(dur_us given, dur_us otherwise)
{
    return given ? given : otherwise;
}

static uint64_t last_of_each(const struct file_source *files)
{
    uint64_t each = files->names.count ? LAST_OF_ALL / files->names.count : 0;

    if (files->world.start != SOURCE_LAST)
        return 0;
    return each > LAST_BYTES ? LAST_BYTES : each < SOURCE_LINE_MAX ? SOURCE_LINE_MAX : each;
}

static void set_up(struct file_source *files, const struct source_options *options)
{
    files->source.ops = &ops;
    files->source.sink = options->sink;
    files->world = (struct tail_world){
        .source = &files->source,
        .watches.fd = -1,
        .start = options->start,
        .since = options->since,
        .grace = or_default(options->grace, 5 * US_PER_S),
        .cap = or_default(options->cap, 60 * US_PER_S),
        .recheck = or_default(options->recheck, 60 * US_PER_S),
        .poll = or_default(options->poll, 5 * US_PER_S),
        .starting = true,
    };
    files->globs_us = 0;
    tail_names_init(&files->names);
}

int source_open_files(const char *names, const char *rotated, const struct source_options *options,
                      int64_t now_us, struct source **ret)
{
    struct file_source *files = calloc(1, sizeof(*files));
    int r = 0;

    if (!files)
        return -ENOMEM;
    set_up(files, options);
    watches_init(&files->world.watches); /* without inotify we poll */
    if (!tail_buffer_init(&files->world.buffer) ||
        (rotated && !(files->world.rotated = strdup(rotated))))
        r = -ENOMEM;
    if (r == 0)
        r = source_each_word(names, add_word, files);
    if (r == 0 && !files->names.first && !files->globs)
        r = -EINVAL;
    if (r == 0)
        r = source_load_position(&files->source, options->position, "files", load_path);
    if (r == 0)
        r = expand_all(files, now_us);
    files->world.last = last_of_each(files);
    /* Look at every name once with a budget of 0, which reads nothing. It separates what was
     * written while we were not running from what is written from now on. */
    if (r == 0 && (files->globs || files->names.count > 1))
        r = tail_seen_init(&files->world);
    if (r == 0)
        r = look(files, now_us, 0);
    if (r >= 0)
        tail_seen_recall(files->names.first, &files->world);
    if (r < 0) {
        files_close(&files->source);
        return r;
    }
    files->world.starting = false;
    *ret = &files->source;
    return 0;
}
