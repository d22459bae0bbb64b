/* SPDX-License-Identifier: MIT */
/*
 * Paths are followed each on its own; globs only add and remove paths. inotify events are hints:
 * each marks the paths it may concern as dirty, and what really happened is found out by looking.
 * So a lost or doubled event costs a look, never a line.
 */
#include "source/source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "source/rotated_files.h"
#include "source/tail_blind.h"
#include "source/tail_glob.h"
#include "source/tail_known.h"
#include "source/tail_order.h"
#include "source/tail_seen.h"
#include "source/tail_twins.h"

#define PATHS_MAX      256 /* each looks at its whole directory now and then */
#define BYTES_PER_LINE 128

struct file_source {
    struct source source;
    struct tail_world world;
    struct tail_path *paths;
    struct tail_glob *globs;
    uint32_t names; /* so many were added so far */
    bool globs_dirty;
    bool crowded;                /* more names match than are followed; noted */
    char unread[BLIND_WHAT_MAX]; /* the first of them */
    int64_t globs_us;            /* when to expand them again in any case */
};

static struct tail_path *find_path(const struct file_source *files, const char *name, size_t len)
{
    for (struct tail_path *path = files->paths; path; path = path->next)
        if (strlen(path->path) == len && memcmp(path->path, name, len) == 0)
            return path;
    return NULL;
}

static struct tail_path *add_path(struct file_source *files, const char *name, size_t len)
{
    struct tail_path **end = &files->paths;

    while (*end)
        end = &(*end)->next;
    *end = tail_path_new(name, len);
    if (*end)
        (*end)->number = ++files->names;
    return *end;
}

/* -- Events: only hints at which name to look. -- */

static void hint_all(struct file_source *files, bool named)
{
    for (struct tail_path *path = files->paths; path; path = path->next) {
        path->dirty = true;
        path->named |= named;
        path->sweep |= named;
    }
    files->globs_dirty |= named;
}

static bool hint_file(struct file_source *files, int watch, uint32_t mask)
{
    bool any = false;

    for (struct tail_path *path = files->paths; path; path = path->next)
        for (struct tail_file *file = path->files; file; file = file->next) {
            if (file->watch != watch)
                continue;
            path->dirty = any = true;
            if (mask & IN_IGNORED)
                file->watch = -1;
        }
    return any;
}

/* Also after a rotated file was renamed: a sweep that was busy meanwhile may have missed it. */
static void hint_path(struct tail_path *path, const char *base, const char *name)
{
    bool packed;

    if (strcmp(name, base) == 0)
        path->dirty = path->named = true;
    else if (rotated_name_matches(base, name, &packed))
        path->dirty = path->named = path->sweep = true;
}

/* A busy directory must cost nothing, so only names that may be ours count. */
static void hint_name(struct file_source *files, const char *name)
{
    for (struct tail_path *path = files->paths; path; path = path->next) {
        const char *slash = path->real ? strrchr(path->real, '/') : NULL;

        if (path->waiting)
            path->dirty = path->named = true;
        hint_path(path, path->base, name);
        if (slash)
            hint_path(path, slash + 1, name);
    }
    for (struct tail_glob *each = files->globs; each; each = each->next)
        files->globs_dirty |= tail_glob_hints(each, name);
}

static void on_event(void *ctx, int watch, uint32_t mask, const char *name)
{
    struct file_source *files = ctx;

    if (mask & IN_Q_OVERFLOW) {
        source_say(&files->source, SOURCE_NOTE_OVERFLOW, 1, "change notifications were lost");
        hint_all(files, true);
    } else if (name[0]) {
        hint_name(files, name);
    } else if (!hint_file(files, watch, mask) && !(mask & (IN_ATTRIB | IN_IGNORED))) {
        hint_all(files, true); /* a watched directory was itself moved or deleted */
    }
}

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
    for (struct tail_path *path = files->paths; path; path = path->next)
        if (tail_known_has(path, &facts) || rotated_name_matches(path->base, base, &packed))
            return false;
    return true;
}

static size_t count_paths(const struct file_source *files)
{
    size_t count = 0;

    for (const struct tail_path *path = files->paths; path; path = path->next)
        count++;
    return count;
}

static void say_crowded(struct file_source *files, const char *name)
{
    if (!files->crowded)
        source_say(&files->source, SOURCE_NOTE_BEYOND, 1,
                   "more than %d files match: %s is not read, and others neither", PATHS_MAX, name);
    files->crowded = true;
    snprintf(files->unread, sizeof(files->unread), "%s", name);
}

/* Adds the names a glob matches now. Their number is bounded: a glob on a busy directory must not
 * exhaust the descriptors. */
static int expand(struct file_source *files, struct tail_glob *pattern)
{
    glob_t found;
    size_t count = count_paths(files);

    pattern->matches = glob(pattern->text, 0, NULL, &found) == 0;
    if (!pattern->matches)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *name = found.gl_pathv[i];
        struct tail_path *path;

        if (find_path(files, name, strlen(name)) || !is_own_log(files, &found, name))
            continue;
        if (count >= PATHS_MAX) {
            say_crowded(files, name);
            break;
        }
        path = add_path(files, name, strlen(name));
        if (!path) {
            globfree(&found);
            return -ENOMEM;
        }
        path->from_glob = true;
        /* Not there when we started: all of it is new. */
        path->fresh = files->world.starting;
        count++;
    }
    globfree(&found);
    return 0;
}

/* Forgets names that a glob found and that show nothing any more. */
static void prune(struct file_source *files)
{
    for (struct tail_path **at = &files->paths; *at;) {
        struct tail_path *path = *at;

        if (path->from_glob && path->waiting && tail_path_is_over(path)) {
            *at = path->next;
            tail_path_free(path, &files->world);
        } else {
            at = &path->next;
        }
    }
}

static int expand_all(struct file_source *files, int64_t now_us)
{
    bool watched = files->world.watches.fd >= 0;
    int r = 0;

    if (!files->globs || (!files->globs_dirty && now_us < files->globs_us))
        return 0;
    if (now_us >= files->globs_us)
        prune(files);
    files->crowded &= count_paths(files) >= PATHS_MAX;
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

static int files_run(struct source *source, int64_t now_us, size_t budget)
{
    struct file_source *files = files_of(source);
    size_t bytes = budget < SIZE_MAX / BYTES_PER_LINE ? budget * BYTES_PER_LINE : SIZE_MAX;
    int r;

    watches_read(&files->world.watches, on_event, files);
    r = expand_all(files, now_us);
    tail_twins_find(files->paths, &files->world, now_us);
    return r < 0 ? r : tail_order_run(files->paths, &files->world, now_us, bytes);
}

static int files_fd(const struct source *source)
{
    return files_of(source)->world.watches.fd;
}

static int64_t files_deadline_us(const struct source *source)
{
    const struct file_source *files = files_of(source);
    int64_t deadline = files->globs ? files->globs_us : INT64_MAX;

    for (const struct tail_path *path = files->paths; path; path = path->next) {
        int64_t each = tail_path_deadline_us(path, &files->world);
        if (each < deadline)
            deadline = each;
    }
    return deadline;
}

static uint64_t files_behind(const struct source *source)
{
    uint64_t bytes = 0;

    for (const struct tail_path *path = files_of(source)->paths; path; path = path->next)
        for (const struct tail_file *file = path->files; file; file = file->next)
            if (tail_file_is_open(file))
                bytes += tail_file_rest(file);
    return bytes;
}

static void files_each_blind(const struct source *source, int64_t now_us, blind_visit *visit,
                             void *ctx)
{
    const struct file_source *files = files_of(source);

    tail_blind_each(files->paths, files->globs, files->crowded ? files->unread : NULL, now_us,
                    visit, ctx);
}

static wall_us files_written(const struct source *source)
{
    return tail_blind_written(files_of(source)->paths);
}

static char *files_position(const struct source *source)
{
    json_t *parts = json_array();

    for (const struct tail_path *path = files_of(source)->paths; parts && path; path = path->next)
        if (json_array_append_new(parts, tail_path_to_json(path)) < 0) {
            json_decref(parts);
            parts = NULL;
        }
    return source_format_position("files", parts);
}

static void files_close(struct source *source)
{
    struct file_source *files = files_of(source);

    while (files->paths) {
        struct tail_path *path = files->paths;
        files->paths = path->next;
        tail_path_free(path, &files->world);
    }
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
    if (find_path(files, word, len))
        return 0;
    return add_path(files, word, len) ? 0 : -ENOMEM;
}

/* Drops names of the position that are no longer wanted, unless a glob matches them. */
static int load_path(struct source *source, const json_t *json)
{
    struct file_source *files = files_of(source);
    const char *name = json_string_value(json_object_get(json, "path"));
    struct tail_path *path = name ? find_path(files, name, strlen(name)) : NULL;

    for (struct tail_glob *p = files->globs; name && !path && p; p = p->next) {
        if (fnmatch(p->text, name, FNM_PATHNAME) != 0)
            continue;
        path = add_path(files, name, strlen(name));
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
    if (r == 0 && !files->paths && !files->globs)
        r = -EINVAL;
    if (r == 0)
        r = source_load_position(&files->source, options->position, "files", load_path);
    if (r == 0)
        r = expand_all(files, now_us);
    /* Look at every name once with a budget of 0, which reads nothing. It separates what was
     * written while we were not running from what is written from now on. */
    if (r == 0 && (files->globs || files->paths->next))
        r = tail_seen_init(&files->world);
    if (r == 0) {
        tail_twins_find(files->paths, &files->world, now_us);
        r = tail_order_run(files->paths, &files->world, now_us, 0);
    }
    if (r >= 0)
        tail_seen_recall(files->paths, &files->world);
    if (r < 0) {
        files_close(&files->source);
        return r;
    }
    files->world.starting = false;
    *ret = &files->source;
    return 0;
}
