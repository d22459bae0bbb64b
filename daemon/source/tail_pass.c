/* SPDX-License-Identifier: MIT */
/*
 * Draining comes before looking: when the name shows a new file, the old one has been read up to
 * that moment. A file is closed only after it was quiet for a while, because writers keep the old
 * file open after a rotation, some until they are reloaded.
 */
#include "source/tail_pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "source/tail_cut.h"
#include "source/tail_known.h"
#include "source/tail_sweep.h"

#define RETRY_MIN_US US_PER_S
#define RETRY_MAX_US (30 * US_PER_S)
#define ROUNDS_MAX   8  /* changes followed in one pass; more wait for the next */
#define SWEEPS_MAX   32 /* in a row that were overtaken, before reading on in spite of it */

/* Watches the directory or, if it does not exist, its nearest ancestor, which shows when the rest
 * is created. */
static int watch_nearest(struct tail_world *world, const char *directory, uint32_t owner)
{
    char *name = strdup(directory), *slash;
    int r = name ? watches_add_directory(&world->watches, name, owner) : -ENOMEM;

    while ((r == -ENOENT || r == -ENOTDIR) && (slash = strrchr(name, '/')) && slash != name) {
        *slash = '\0';
        r = watches_add_directory(&world->watches, name, owner);
    }
    if (r == -ENOENT || r == -ENOTDIR)
        r = watches_add_directory(&world->watches, "/", owner);
    free(name);
    return r;
}

static int watch_real(struct tail_path *path, struct tail_world *world)
{
    char *slash;
    int r;

    tail_path_resolve(path);
    slash = path->real ? strrchr(path->real, '/') : NULL;
    if (!slash || slash == path->real)
        return 0;
    *slash = '\0';
    r = watch_nearest(world, path->real, path->place + 1);
    *slash = '/';
    return r;
}

struct watching {
    struct tail_world *world;
    uint32_t owner;
};

static int watch_word(void *ctx, const char *word, size_t len)
{
    const struct watching *watching = ctx;
    char *directory = strndup(word, len);

    if (directory)
        watch_nearest(watching->world, directory, watching->owner);
    free(directory);
    return 0;
}

/* Adding a watch twice changes nothing, so this may be called at any time. */
static void watch(struct tail_path *path, struct tail_world *world)
{
    struct watching watching = {world, path->place + 1};
    int r = watch_nearest(world, path->directory, watching.owner);
    int real = watch_real(path, world);

    source_each_word(world->rotated, watch_word, &watching);

    path->directory_watch = r;
    path->blind = r < 0 || real < 0;
    for (struct tail_file *file = path->files; file; file = file->next) {
        if (tail_file_is_open(file) && !file->packed && file->watch < 0)
            file->watch = watches_add_file(&world->watches, file->text.fd, watching.owner);
        path->blind |= tail_file_is_open(file) && !file->packed && file->watch < 0;
    }
    if ((path->blind || path->silent) && !path->polling)
        source_say(world->source, SOURCE_NOTE_POLLING, 1, "%s: checking every %lld ms, because %s",
                   path->path, (long long)(world->poll / 1000),
                   path->silent ? "its file system does not report changes"
                                : strerror(r < 0      ? -r
                                           : real < 0 ? -real
                                                      : ENOSPC));
    path->polling = path->blind || path->silent;
}

static void retry_later(struct tail_path *path, int64_t now_us)
{
    path->retry_step_us = path->retry_step_us == 0 ? RETRY_MIN_US : 2 * path->retry_step_us;
    if (path->retry_step_us > RETRY_MAX_US)
        path->retry_step_us = RETRY_MAX_US;
    path->retry_us = now_us + path->retry_step_us;
}

/* Closes what cannot be read; the next sweep finds it again if it is readable by then. */
static void drain_failed(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                         int error, int64_t now_us)
{
    source_say(world->source, SOURCE_NOTE_DAMAGED, 1, "%s: cannot be read at byte %llu: %s",
               path->path, (unsigned long long)file->id.offset, strerror(-error));
    tail_path_detach(world, file);
    if (file->packed || file->state == TAIL_OLD)
        file->state = TAIL_DONE;
    retry_later(path, now_us);
}

enum proof { PROOF_NONE, PROOF_OWN, PROOF_COPY };

/* Whether a rotated file of which there was too little when it was found is a copy being made: then
 * it is of no interest until the original is truncated. If there is still too little to tell, wait
 * for more, but not for longer than a writer pauses within a line; a copy of a few lines would have
 * gone on by then. */
static enum proof prove(struct tail_path *path, const struct tail_world *world,
                        struct tail_file *file, int64_t now_us)
{
    const struct tail_file *original;
    struct file_facts facts;
    bool unsure, quiet;

    if (!file->unproven)
        return PROOF_OWN;
    if (file_facts_get(file->text.fd, "", &facts) < 0)
        return PROOF_NONE;
    if (facts.size != file->size)
        file->quiet_since_us = now_us;
    file->size = facts.size;
    quiet = now_us - file->quiet_since_us >= world->grace;
    if (facts.size == 0 || (facts.size < HEAD_MIN && !quiet))
        return PROOF_NONE;
    original = tail_known_original(path, file, &unsure);
    if (unsure && !quiet)
        return PROOF_NONE;
    file->unproven = false;
    if (!original || unsure)
        return PROOF_OWN;
    /* The original has been truncated: the sweep goes on where its reading ended. */
    if (!tail_file_is_open(original))
        path->sweep = path->copies = true;
    return PROOF_COPY;
}

/* While several files are written to, what came into a younger one after the older was read may be
 * later than what the older has got since. So each is read only as far as it went before the older
 * ones were read; for the rest there will be an event. The youngest is asked first. */
static void set_ends(const struct tail_path *path, struct tail_file *file, bool many)
{
    struct file_facts facts;

    if (!file)
        return;
    set_ends(path, file->next, many);
    file->end = UINT64_MAX;
    if (many && !path->polling && tail_file_is_open(file) && !file->packed &&
        file_facts_get(file->text.fd, "", &facts) == 0)
        file->end = facts.size;
}

static bool has_many(const struct tail_path *path)
{
    unsigned count = 0;

    for (const struct tail_file *file = path->files; file && count < 2; file = file->next)
        count += tail_file_is_open(file);
    return count > 1;
}

/* Returns DRAIN_MORE, DRAINED or -ENOMEM. */
static int drain_one(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                     int64_t now_us, struct tail_limit *limit)
{
    int r = tail_file_drain(file, world->source, &world->buffer, now_us, limit);

    if (r == DRAIN_CUT)
        r = tail_cut(path, world, file, &file->text);
    if (r >= 0 || r == -ENOMEM)
        return r;
    drain_failed(path, world, file, r, now_us);
    return DRAINED;
}

/* Reads the oldest first, so that lines keep their order. */
static int drain(struct tail_path *path, struct tail_world *world, int64_t now_us,
                 struct tail_limit *limit)
{
    bool due = path->copies;

    set_ends(path, path->files, has_many(path));
    for (struct tail_file *file = path->files, *next; file; file = next) {
        enum proof proof;
        int r = DRAINED;

        next = file->next;
        if (!tail_file_is_open(file))
            continue;
        proof = prove(path, world, file, now_us);
        if (proof == PROOF_OWN)
            r = drain_one(path, world, file, now_us, limit);
        if (proof == PROOF_COPY) {
            tail_path_detach(world, file);
            tail_known_unlink(path, file);
            tail_file_free(file);
        }
        if (r == DRAIN_MORE)
            return SOURCE_MORE;
        if (r < 0)
            return r;
        /* A text was cut, and a copy may hold unread lines of it, which come before anything
         * younger. */
        if (path->copies && !due)
            return SOURCE_IDLE;
    }
    return SOURCE_IDLE;
}

static void say_found(struct tail_path *path, struct tail_world *world)
{
    if (path->waiting)
        source_say(world->source, SOURCE_NOTE_FOUND, 1, "%s: is there now", path->path);
    if (path->unreadable)
        source_say(world->source, SOURCE_NOTE_REGAINED, 1, "%s: is readable again", path->path);
    path->waiting = path->unreadable = false;
    path->unreadable_since_us = path->missing_since_us = INT64_MAX;
    path->error = 0;
    path->retry_us = INT64_MAX;
    path->retry_step_us = 0;
}

/* Permissions are often set a moment after the file is created, so wait before complaining. */
static void say_missing(struct tail_path *path, struct tail_world *world, int error, int64_t now_us)
{
    bool missing = error == -ENOENT || error == -ENOTDIR;

    path->error = error;
    if (!missing && path->unreadable_since_us == INT64_MAX)
        path->unreadable_since_us = now_us;
    if (missing && path->missing_since_us == INT64_MAX)
        path->missing_since_us = now_us;
    if (missing && !path->waiting) {
        source_say(world->source, SOURCE_NOTE_WAITING, 1, "%s: %s; waiting for it", path->path,
                   strerror(-error));
        path->waiting = true;
    }
    if (!missing && !path->unreadable && now_us - path->unreadable_since_us >= world->grace) {
        source_say(world->source, SOURCE_NOTE_UNREADABLE, 1, "%s: %s; will try again", path->path,
                   error == -EINVAL ? "is not a regular file" : strerror(-error));
        path->unreadable = true;
    }
    retry_later(path, now_us);
}

/* Whether the last attempt failed, nothing has happened since, and it is too early to retry. */
static bool must_wait(const struct tail_path *path, int error, int64_t now_us)
{
    bool failed = error < 0 || path->unreadable_since_us != INT64_MAX;

    return failed && !path->named && path->retry_us != INT64_MAX && now_us < path->retry_us;
}

/* What was written after the file was read may be of another text: all of it may have been copied,
 * truncated and written again meanwhile, and the copy is older than what is there now. */
static int64_t written_when_read(const struct tail_file *live, const struct file_facts *facts)
{
    return facts->mtime_ns / 1000 == live->written ? facts->mtime_ns : 1000 * live->written;
}

/* Looks at what the name shows. Returns 1 if there is something new to read, 0, or -ENOMEM. */
static int look(struct tail_path *path, struct tail_world *world, int64_t now_us, bool due)
{
    const struct tail_file *live = tail_path_live(path);
    struct file_facts facts;
    int r = file_facts_get(AT_FDCWD, path->path, &facts);
    bool same = r == 0 && live && tail_file_is_open(live) &&
                file_facts_same(&facts, live->id.dev, live->id.ino, live->id.btime_ns);
    bool changed = path->sweep;

    /* Only if no sweep is due: what was copied away is older than what was written since. */
    if (same && !changed && written_when_read(live, &facts) > path->floor_mtime_ns)
        path->floor_mtime_ns = written_when_read(live, &facts);
    if (!changed && !due && (same || must_wait(path, r, now_us)))
        return 0;
    path->dirty = false;
    r = tail_sweep(path, world, now_us);
    if (r == -ENOMEM)
        return r;
    watch(path, world);
    if (r < 0)
        say_missing(path, world, r, now_us);
    else
        say_found(path, world);
    if (r == 0 && live && tail_path_live(path) != live)
        source_say(world->source, SOURCE_NOTE_REOPENED, 1, "%s: a new file", path->path);
    return path->dirty || changed;
}

/* Whether an old file, just read to its end, will get no more lines. */
static bool is_final(const struct tail_file *file, const struct tail_world *world, int64_t now_us)
{
    bool quiet = now_us - file->quiet_since_us >= world->grace;
    bool partial = tail_file_rest(file) > 0;

    if (file->packed)
        return true;
    if (file->successor_since_us == INT64_MAX)
        return file->links == 0 && now_us >= tail_path_abandon_us(file, world);
    if (partial)
        return quiet && now_us - file->successor_since_us >= world->cap;
    return quiet || now_us - file->successor_since_us >= world->cap;
}

/* Closes old files that will get no more lines, and hands over an unfinished last line, which
 * nobody will complete now. */
static void close_finished(struct tail_path *path, struct tail_world *world, int64_t now_us)
{
    const struct tail_file *live = tail_path_live(path);
    bool successor = live && tail_file_is_open(live) && live->size > 0;

    for (struct tail_file *file = path->files; file; file = file->next) {
        if (file->state != TAIL_OLD || !tail_file_is_open(file))
            continue;
        if (successor && file->successor_since_us == INT64_MAX)
            file->successor_since_us = now_us;
        if (!is_final(file, world, now_us))
            continue;
        if (file->packed && text_file_damage(&file->text) < 0)
            source_say(world->source, SOURCE_NOTE_DAMAGED, 1,
                       "%s: a rotated file is damaged after byte %llu of its text: %s", path->path,
                       (unsigned long long)file->id.offset,
                       strerror(-text_file_damage(&file->text)));
        if (tail_file_rest(file) > 0)
            tail_file_finish(file, world->source, &world->buffer);
        file->state = TAIL_DONE;
        tail_path_detach(world, file);
    }
    tail_known_prune(path);
}

/* Several rounds, because reading on may reveal the next change. Bounded, so that a log rotated in
 * a tight loop does not hold up the others. A sweep that was overtaken by a rotation may have
 * missed an older file, so the next one comes before reading, unless that goes on and on. */
int tail_pass_run(struct tail_path *path, struct tail_world *world, int64_t now_us,
                  struct tail_limit *limit)
{
    bool due = now_us >= path->recheck_us;

    if (path->twin || now_us < tail_path_deadline_us(path, world))
        return SOURCE_IDLE;
    if (due || path->named)
        watch(path, world);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        bool overtaken = path->overtaken > 0 && path->overtaken < SWEEPS_MAX;
        int r = overtaken ? SOURCE_IDLE : drain(path, world, now_us, limit);
        if (r == SOURCE_MORE)
            path->dirty = true;
        if (r != SOURCE_IDLE)
            return r;
        r = look(path, world, now_us, due && round == 0);
        if (r < 0)
            return r;
        if (due)
            path->recheck_us = tail_path_recheck_us(path, world, now_us);
        if (r == 0) {
            path->dirty = path->named = false;
            close_finished(path, world, now_us);
            return SOURCE_IDLE;
        }
    }
    path->dirty = true;
    return SOURCE_MORE;
}
