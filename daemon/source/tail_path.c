/* SPDX-License-Identifier: MIT */
/*
 * The list of files is short (a handful, plus finished ones remembered for comparison) and in the
 * order in which they must be read. The position is that list, with an identity for each file.
 */
#include "source/tail_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHARES 64 /* of all names, each due at a time of its own */

struct tail_path *tail_path_new(const char *name, size_t len)
{
    struct tail_path *path = calloc(1, sizeof(*path));
    const char *slash;

    if (!path)
        return NULL;
    path->path = strndup(name, len);
    slash = path->path ? strrchr(path->path, '/') : NULL;
    if (slash) {
        path->base = slash + 1;
        path->directory =
            strndup(path->path, slash == path->path ? 1 : (size_t)(slash - path->path));
    }
    if (!path->directory) {
        free(path->path);
        free(path);
        return NULL;
    }
    path->fresh = path->fresh_rotated = path->dirty = path->named = path->sweep = true;
    path->directory_watch = -1;
    path->retry_us = INT64_MAX;
    path->recheck_us = 0;
    path->next_line = LINE_TIME_NEVER;
    path->unreadable_since_us = INT64_MAX;
    path->missing_since_us = INT64_MAX;
    return path;
}

static void drop_files(struct tail_path *path, struct tail_world *world)
{
    while (path->files) {
        struct tail_file *file = path->files;
        path->files = file->next;
        tail_path_detach(world, file);
        tail_file_free(file);
    }
}

void tail_path_rest(struct tail_path *path, struct tail_world *world, int64_t now_us)
{
    drop_files(path, world);
    path->fresh = false;
    path->fresh_rotated = true;
    path->dirty = path->named = path->sweep = false;
    path->waiting = path->unreadable = false;
    path->retry_us = INT64_MAX;
    path->recheck_us = tail_path_recheck_us(path, world, now_us);
}

/* Where a symbolic link whose target does not exist yet points, one level deep. */
static char *read_link(const struct tail_path *path)
{
    char target[4096], *name = NULL;
    ssize_t n = readlink(path->path, target, sizeof(target) - 1);

    if (n <= 0)
        return NULL;
    target[n] = '\0';
    if (target[0] == '/')
        return strdup(target);
    return asprintf(&name, "%s/%s", path->directory, target) < 0 ? NULL : name;
}

void tail_path_resolve(struct tail_path *path)
{
    free(path->real);
    path->real = realpath(path->path, NULL);
    if (!path->real)
        path->real = read_link(path);
    if (path->real && strcmp(path->real, path->path) == 0) {
        free(path->real);
        path->real = NULL;
    }
}

void tail_path_free(struct tail_path *path, struct tail_world *world)
{
    drop_files(path, world);
    free(path->real);
    free(path->directory);
    free(path->path);
    free(path);
}

struct tail_file *tail_path_live(const struct tail_path *path)
{
    for (struct tail_file *file = path->files; file; file = file->next)
        if (file->state == TAIL_LIVE)
            return file;
    return NULL;
}

bool tail_path_is_over(const struct tail_path *path)
{
    for (const struct tail_file *file = path->files; file; file = file->next)
        if (file->state != TAIL_DONE)
            return false;
    return true;
}

void tail_path_attach(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                      struct text_file *text, const struct file_facts *facts, int64_t now_us)
{
    file->name = path->path;
    file->log = path->number;
    file->text = *text;
    *text = (struct text_file){.fd = -1};
    if (file->packed) {
        file->size = file->id.offset;
        file->stored = facts->size;
    }
    tail_file_set_facts(file, facts);
    identity_read_head(&file->id, &file->text);
    file->quiet_since_us = now_us;
    file->successor_since_us = INT64_MAX;
    /* Watch before the first read, so that nothing written in between goes unnoticed. */
    file->watch =
        file->packed ? -1 : watches_add_file(&world->watches, file->text.fd, path->place + 1);
    if (!file->packed && !watches_can_trust(file->text.fd))
        path->silent = true;
    path->dirty = true;
}

void tail_path_detach(struct tail_world *world, struct tail_file *file)
{
    watches_remove(&world->watches, file->watch);
    file->watch = -1;
    text_file_close(&file->text);
}

int64_t tail_path_abandon_us(const struct tail_file *file, const struct tail_world *world)
{
    return file->quiet_since_us + 60 * world->cap;
}

/* When to look at an old file again if nothing happens to it. */
static int64_t old_deadline(const struct tail_file *file, const struct tail_world *world)
{
    int64_t quiet = file->quiet_since_us + world->grace;
    int64_t late;

    if (file->state != TAIL_OLD || !tail_file_is_open(file))
        return INT64_MAX;
    if (file->packed)
        return file->quiet_since_us;
    if (file->unproven && file->size > 0)
        return quiet;
    if (file->successor_since_us == INT64_MAX)
        return file->links == 0 ? tail_path_abandon_us(file, world) : INT64_MAX;
    late = file->successor_since_us + world->cap;
    if (tail_file_rest(file) > 0)
        return late > quiet ? late : quiet;
    return late < quiet ? late : quiet;
}

int64_t tail_path_recheck_us(const struct tail_path *path, const struct tail_world *world,
                             int64_t now_us)
{
    if (path->polling)
        return now_us + world->poll;
    return now_us + world->recheck - path->place % SHARES * (world->recheck / (2 * SHARES));
}

int64_t tail_path_deadline_us(const struct tail_path *path, const struct tail_world *world)
{
    int64_t deadline = path->recheck_us < path->retry_us ? path->recheck_us : path->retry_us;

    if (path->dirty)
        return 0;
    for (const struct tail_file *file = path->files; file; file = file->next) {
        int64_t old = old_deadline(file, world);
        if (old < deadline)
            deadline = old;
    }
    return deadline;
}

/* -- The position. -- */

static const char *const state_names[] = {
    [TAIL_LIVE] = "live", [TAIL_OLD] = "old", [TAIL_DONE] = "done"};

static json_t *file_to_json(const struct tail_file *file)
{
    json_t *json = identity_to_json(&file->id);

    if (!json || json_object_set_new(json, "state", json_string(state_names[file->state])) < 0 ||
        json_object_set_new(json, "skipping", json_boolean(file->skipping)) < 0 ||
        json_object_set_new(json, "unproven", json_boolean(file->unproven)) < 0 ||
        json_object_set_new(json, "packed", json_integer((json_int_t)file->stored)) < 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* Saved states hold these member names: they stay, whatever the struct's are called. */
json_t *tail_path_to_json(const struct tail_path *path)
{
    json_t *files = json_array();

    for (const struct tail_file *file = path->files; files && file; file = file->next)
        if (json_array_append_new(files, file_to_json(file)) < 0) {
            json_decref(files);
            files = NULL;
        }
    return json_pack("{ss sI sI sb so}", "path", path->path, "born",
                     (json_int_t)path->floor_btime_ns, "written", (json_int_t)path->floor_mtime_ns,
                     "siblings", (int)!path->fresh_rotated, "files", files);
}

static struct tail_file *load_file(const json_t *json)
{
    const char *state = json_string_value(json_object_get(json, "state"));
    struct tail_file *file = tail_file_new(TAIL_DONE);

    if (!file || !state || !identity_from_json(json, &file->id)) {
        tail_file_free(file);
        return NULL;
    }
    file->skipping = json_is_true(json_object_get(json, "skipping"));
    file->unproven = json_is_true(json_object_get(json, "unproven"));
    file->stored = (uint64_t)json_integer_value(json_object_get(json, "packed"));
    for (int i = TAIL_LIVE; i <= TAIL_DONE; i++)
        if (strcmp(state, state_names[i]) == 0)
            file->state = (enum tail_file_state)i;
    return file;
}

/* Members that cannot be read are skipped: a file known less well is found again by its text, or
 * counted as new. */
bool tail_path_load(struct tail_path *path, const json_t *json)
{
    const json_t *files = json_object_get(json, "files"), *each;
    struct tail_file **end = &path->files;
    size_t i;

    if (!json_is_array(files))
        return false;
    json_array_foreach(files, i, each)
    {
        struct tail_file *file = load_file(each);
        if (!file)
            continue;
        *end = file;
        end = &file->next;
    }
    path->floor_btime_ns = json_integer_value(json_object_get(json, "born"));
    path->floor_mtime_ns = json_integer_value(json_object_get(json, "written"));
    path->fresh_rotated = !json_is_true(json_object_get(json, "siblings"));
    path->fresh = false;
    return true;
}
