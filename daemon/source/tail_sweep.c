/* SPDX-License-Identifier: MIT */
/*
 * Finds out what happened to a name: renamed, deleted, truncated, copied and truncated, compressed,
 * replaced. Nothing reports these, so the sweep lists the directory, matches what it finds with the
 * files known, first by inode and then by text, and decides what each is. Two rules decide: text
 * that was read is not read again, and text that nobody read is, whatever the file is called now.
 */
#include "source/tail_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/tail_known.h"
#include "source/rotated_files.h"

struct sweep {
    struct tail_path *path;
    struct tail_world *world;
    struct rotated_files rotated_files;
    struct rotated_file live; /* what the name shows */
    int live_error;           /* why that could not be opened */
    bool listed;              /* the directory could be read */
    int64_t now_us;
};

/* Reads the file from its beginning; remembers its old text, for there may be a copy. */
static int forget_text(struct tail_path *path, struct tail_file *file)
{
    if (file->id.head_len > 0 && tail_known_remember_text(path, file) < 0)
        return -ENOMEM;
    file->id.offset = file->id.head_len = file->id.tail_len = 0;
    file->skipping = false;
    return 0;
}

int tail_sweep_cut(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                   struct text_file *text, uint64_t size)
{
    struct identity shorter = file->id;
    unsigned char head[HEAD_MAX];
    size_t common = size < file->id.head_len ? (size_t)size : file->id.head_len;
    bool same = size < file->id.offset && common >= HEAD_MIN &&
                text_file_read(text, head, common, 0) == (ssize_t)common &&
                memcmp(head, file->id.head, common) == 0;

    path->copies = path->sweep = true;
    if (file->id.offset == 0)
        return forget_text(path, file);
    source_say(world->source, SOURCE_NOTE_TRUNCATED, 1,
               "%s: truncated to %llu bytes after %llu were read; continuing at its %s", path->path,
               (unsigned long long)size, (unsigned long long)file->id.offset,
               same ? "end" : "beginning");
    if (same && identity_read(&shorter, text, size) == 0) {
        file->id = shorter;
        file->skipping = false;
        path->copies = path->sweep = false;
        return 0;
    }
    if (!path->lossy)
        source_say(world->source, SOURCE_NOTE_LOSSY, 1,
                   "%s: truncated in place (copytruncate?): lines written between the copy and the "
                   "truncation are lost",
                   path->path);
    path->lossy = true;
    return forget_text(path, file);
}

/* A file known by its inode but not open: from a saved position, or already finished. */
static int reopen(struct sweep *sweep, struct tail_file *file, struct rotated_file *rotated_file,
                  bool live)
{
    bool done = file->state == TAIL_DONE && !live;
    int r = 0;

    if (done && (rotated_file->packed || rotated_file->facts.size <= file->id.offset))
        return 0;
    if (!rotated_file_open(rotated_file))
        return 0;
    file->packed = rotated_file->packed;
    if (file->id.head_len > 0 && identity_compare(&file->id, &rotated_file->text, 0) != LIKE_SAME)
        r = tail_sweep_cut(sweep->path, sweep->world, file, &rotated_file->text,
                           rotated_file->facts.size);
    if (r < 0)
        return r;
    file->state = live ? TAIL_LIVE : TAIL_OLD;
    tail_path_attach(sweep->path, sweep->world, file, &rotated_file->text, &rotated_file->facts,
                     sweep->now_us);
    return 0;
}

static int by_inode(struct sweep *sweep, struct rotated_file *rotated_file, bool live)
{
    struct tail_file *file = tail_known_inode(sweep->path, &rotated_file->facts);

    if (!file)
        return 0;
    file->seen = true;
    file->claimed = live;
    if (!tail_file_is_open(file))
        return reopen(sweep, file, rotated_file, live);
    return 0;
}

/* Another inode holds the text of a file that is not open: continue there. */
static void take_over(struct sweep *sweep, struct tail_file *file,
                      struct rotated_file *rotated_file, bool live)
{
    file->packed = rotated_file->packed;
    file->claimed = live;
    file->state = live ? TAIL_LIVE : TAIL_OLD;
    tail_path_attach(sweep->path, sweep->world, file, &rotated_file->text, &rotated_file->facts,
                     sweep->now_us);
}

static struct tail_file *begin(struct sweep *sweep, struct rotated_file *rotated_file, bool live)
{
    struct tail_file *file = tail_file_new(live ? TAIL_LIVE : TAIL_OLD);

    if (!file)
        return NULL;
    tail_known_append(sweep->path, file);
    file->packed = rotated_file->packed;
    file->claimed = live;
    file->unproven = !live && !rotated_file->packed && rotated_file->facts.size < HEAD_MIN;
    tail_path_attach(sweep->path, sweep->world, file, &rotated_file->text, &rotated_file->facts,
                     sweep->now_us);
    return file;
}

/* The start of the last line: it may be incomplete now and complete later. */
static uint64_t last_line_start(struct text_file *text, uint64_t size)
{
    static const size_t step = SOURCE_LINE_MAX;
    uint64_t from = size > step ? size - step : 0;
    char *buf = malloc(step), *end;
    ssize_t n = buf ? text_file_read(text, buf, (size_t)(size - from), from) : -1;

    end = n > 0 ? memrchr(buf, '\n', (size_t)n) : NULL;
    if (end)
        size = from + (uint64_t)(end - buf) + 1;
    else if (n >= 0 && from == 0)
        size = 0;
    free(buf);
    return size;
}

static bool begins_at_end(const struct sweep *sweep)
{
    const struct tail_world *world = sweep->world;

    if (!sweep->path->fresh || world->start == SOURCE_BEGIN)
        return false;
    return world->start == SOURCE_END || sweep->live.facts.mtime_ns / 1000 < world->since;
}

/* The name shows a file of unknown inode. It may be new, or a copy of a known one put in its
 * place. */
static int begin_live(struct sweep *sweep)
{
    struct rotated_file *live = &sweep->live;
    enum likeness likeness;
    struct tail_file *known =
        tail_known_text(sweep->path, &live->text, live->facts.size, true, NULL, &likeness);
    struct tail_file *file;
    uint64_t offset = 0;

    if (known && likeness == LIKE_SAME && !tail_file_is_open(known)) {
        take_over(sweep, known, live, true);
        return 0;
    }
    /* An editor or rsync has replaced the file with a copy. */
    if (known)
        offset = likeness == LIKE_SAME ? known->id.offset : live->facts.size;
    else if (begins_at_end(sweep))
        offset = last_line_start(&live->text, live->facts.size);
    file = begin(sweep, live, true);
    if (!file)
        return -ENOMEM;
    if (offset > 0)
        return identity_read(&file->id, &file->text, offset) == -ENOMEM ? -ENOMEM : 0;
    return 0;
}

static bool is_unread(const struct sweep *sweep, const struct rotated_file *rotated_file)
{
    const struct tail_path *path = sweep->path;
    const struct file_facts *facts = &rotated_file->facts;
    bool starting = sweep->world->starting;

    if (!rotated_file->named)
        return false;
    if (rotated_file->packed && rotated_files_has_unpacked(&sweep->rotated_files, rotated_file))
        return false;
    if (path->fresh_rotated)
        return path->fresh && sweep->world->start == SOURCE_SINCE &&
               facts->mtime_ns / 1000 >= sweep->world->since;
    if (rotated_file->packed)
        return facts->mtime_ns >= path->floor_mtime_ns;
    if (starting && facts->mtime_ns < path->floor_mtime_ns)
        return false;
    return facts->btime_ns ? facts->btime_ns >= path->floor_btime_ns
                           : facts->mtime_ns > path->floor_mtime_ns;
}

/* For a file whose inode is unknown: a copy, a compressed form, or one never read. Opening files
 * is the expensive part, so most are ruled out by their times first. */
static int by_text(struct sweep *sweep, struct rotated_file *rotated_file)
{
    struct tail_path *path = sweep->path;
    bool unread = is_unread(sweep, rotated_file);
    enum likeness likeness;
    struct tail_file *known;

    if (tail_known_inode(path, &rotated_file->facts))
        return 0;
    /* Opening every packed file at every look would cost too much, and while we are running we hold
     * the files themselves. */
    if (!unread && !sweep->world->starting && !path->copies &&
        (rotated_file->packed || rotated_file->facts.btime_ns < path->floor_btime_ns))
        return 0;
    if (path->fresh_rotated && !unread)
        return 0;
    if (!rotated_file_open(rotated_file))
        return 0;
    known = tail_known_text(path, &rotated_file->text,
                            rotated_file->packed ? UINT64_MAX : rotated_file->facts.size, false,
                            NULL, &likeness);
    if (known && likeness == LIKE_SAME && !tail_file_is_open(known)) {
        take_over(sweep, known, rotated_file, false);
        return 0;
    }
    if (known || !unread)
        return 0;
    if (path->fresh_rotated)
        source_say(sweep->world->source, SOURCE_NOTE_BACKFILL, 1, "reading %s", rotated_file->path);
    return begin(sweep, rotated_file, false) ? 0 : -ENOMEM;
}

/* Remembers rotated files ignored at the very first look that are as young as the floor: by time of
 * birth alone they would count as unread at the next. */
static int remember_ties(struct sweep *sweep)
{
    struct tail_path *path = sweep->path;

    for (size_t i = 0; path->fresh_rotated && i < sweep->rotated_files.count; i++) {
        struct rotated_file *rotated_file = &sweep->rotated_files.at[i];
        struct tail_file *file;

        if (rotated_file->packed || rotated_file->facts.btime_ns != path->floor_btime_ns ||
            tail_known_inode(path, &rotated_file->facts) || !rotated_file_open(rotated_file))
            continue;
        file = tail_file_new(TAIL_DONE);
        if (!file)
            return -ENOMEM;
        identity_set_inode(&file->id, &rotated_file->facts);
        identity_read(&file->id, &rotated_file->text, rotated_file->facts.size);
        file->next = path->files;
        path->files = file;
    }
    return 0;
}

static void raise_floor(struct tail_path *path, const struct file_facts *facts)
{
    if (facts->btime_ns > path->floor_btime_ns)
        path->floor_btime_ns = facts->btime_ns;
}

static int settle(struct sweep *sweep)
{
    struct tail_path *path = sweep->path;
    int r;

    for (size_t i = 0; i < sweep->rotated_files.count; i++) {
        raise_floor(path, &sweep->rotated_files.at[i].facts);
        if (path->fresh_rotated && sweep->rotated_files.at[i].facts.mtime_ns > path->floor_mtime_ns)
            path->floor_mtime_ns = sweep->rotated_files.at[i].facts.mtime_ns;
    }
    if (sweep->live_error == 0) {
        raise_floor(path, &sweep->live.facts);
        if (sweep->live.facts.mtime_ns > path->floor_mtime_ns)
            path->floor_mtime_ns = sweep->live.facts.mtime_ns;
    }
    r = remember_ties(sweep);
    path->fresh = false;
    path->fresh_rotated &= !sweep->listed;
    path->copies = path->sweep = false;
    return r;
}

static void report_gap(struct sweep *sweep, struct tail_file *file)
{
    source_say(sweep->world->source, SOURCE_NOTE_GAP, 1,
               "%s: the file that was read up to byte %llu is gone; what came after is lost",
               sweep->path->path, (unsigned long long)file->id.offset);
    file->state = TAIL_DONE;
    file->id.ino = 0;
}

/* Puts the name's own file last, marks what it showed before as old, and reports what is nowhere to
 * be found as a gap. */
static void arrange(struct sweep *sweep)
{
    struct tail_path *path = sweep->path;
    struct tail_file *live = NULL;

    for (struct tail_file *file = path->files; file; file = file->next) {
        if (file->claimed)
            live = file;
        else if (file->state == TAIL_LIVE)
            file->state = TAIL_OLD;
        if (file->claimed)
            file->state = TAIL_LIVE;
        if (file->state != TAIL_DONE && !tail_file_is_open(file) && !file->seen && sweep->listed)
            report_gap(sweep, file);
    }
    if (live) {
        tail_known_unlink(path, live);
        tail_known_append(path, live);
    }
    tail_known_prune(path);
}

static int visit_rotated(void *ctx, const char *word, size_t len)
{
    struct sweep *sweep = ctx;
    char directory[PATH_MAX];

    if (len >= sizeof(directory))
        return 0;
    memcpy(directory, word, len);
    directory[len] = '\0';
    return rotated_files_add(&sweep->rotated_files, sweep->path->path, directory,
                             tail_known_has_inode, sweep->path);
}

/* Rotated files may be beside the name, beside the target of a symbolic link, or in the
 * directories that `rotated` names. */
static int list(struct sweep *sweep)
{
    const struct tail_path *path = sweep->path;
    int r = rotated_files_add(&sweep->rotated_files, path->path, path->directory,
                              tail_known_has_inode, sweep->path);

    sweep->listed = faccessat(AT_FDCWD, path->directory, R_OK | X_OK, AT_EACCESS) == 0;
    if (r == 0 && path->real) {
        char *slash = strrchr(path->real, '/');
        *slash = '\0';
        char *directory = strdup(path->real);
        *slash = '/';
        r = directory ? rotated_files_add(&sweep->rotated_files, path->real, directory,
                                          tail_known_has_inode, sweep->path)
                      : -ENOMEM;
        free(directory);
    }
    if (r == 0)
        r = source_each_word(sweep->world->rotated, visit_rotated, sweep);
    rotated_files_sort(&sweep->rotated_files);
    return r;
}

static int open_live(struct sweep *sweep)
{
    struct rotated_file *live = &sweep->live;
    int r = text_file_open(&live->text, AT_FDCWD, sweep->path->path, false);
    int facts = r < 0 ? file_facts_get(AT_FDCWD, sweep->path->path, &live->facts)
                      : file_facts_get(live->text.fd, "", &live->facts);

    /* Unreadable, but recognisable as the file we know: not a gap. */
    if (r < 0 && facts == 0) {
        struct tail_file *file = tail_known_inode(sweep->path, &live->facts);
        if (file)
            file->claimed = file->seen = true;
    }
    return r < 0 ? r : facts;
}

/* By inode first, because a rename keeps it and that settles most files; by text only what is left
 * over. */
int tail_sweep(struct tail_path *path, struct tail_world *world, int64_t now_us)
{
    struct sweep sweep = {.path = path, .world = world, .now_us = now_us, .live.text.fd = -1};
    int r;

    for (struct tail_file *file = path->files; file; file = file->next)
        file->claimed = file->seen = false;
    r = list(&sweep);
    sweep.live_error = r < 0 ? r : open_live(&sweep);
    if (r == 0 && sweep.live_error == 0)
        r = by_inode(&sweep, &sweep.live, true);
    for (size_t i = 0; r == 0 && i < sweep.rotated_files.count; i++)
        r = by_inode(&sweep, &sweep.rotated_files.at[i], false);
    if (r == 0 && sweep.live_error == 0 && !tail_known_inode(path, &sweep.live.facts))
        r = begin_live(&sweep);
    for (size_t i = 0; r == 0 && i < sweep.rotated_files.count; i++)
        r = by_text(&sweep, &sweep.rotated_files.at[i]);
    if (r == 0) {
        arrange(&sweep);
        r = settle(&sweep);
    }
    text_file_close(&sweep.live.text);
    rotated_files_done(&sweep.rotated_files);
    return r < 0 ? r : sweep.live_error;
}
