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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/tail_cut.h"
#include "source/tail_floor.h"
#include "source/tail_known.h"
#include "source/tail_list.h"

struct sweep {
    struct tail_path *path;
    struct tail_world *world;
    struct rotated_files rotated_files;
    struct rotated_file live; /* what the name shows */
    int live_error;           /* why that could not be opened */
    bool listed;              /* the directory could be read */
    bool checked, steady;     /* asked, and so: nothing was renamed while it was read */
    bool settled;             /* and nothing was renamed meanwhile */
    int64_t now_us;
};

/* NULL: the name shows nothing. */
static const struct file_facts *live_facts(const struct sweep *sweep)
{
    return sweep->live_error == 0 ? &sweep->live.facts : NULL;
}

/* A file known by its inode but not open: from a saved position, or already finished. */
static int reopen(struct sweep *sweep, struct tail_file *file, struct rotated_file *rotated_file,
                  bool live)
{
    bool done = file->state == TAIL_DONE && !live;
    int r = 0;

    if (done && rotated_file->facts.size <= (rotated_file->packed ? file->stored : file->id.offset))
        return 0;
    if (!rotated_file_open(rotated_file))
        return 0;
    file->packed = rotated_file->packed;
    if (file->id.head_len > 0 && identity_compare(&file->id, &rotated_file->text, 0) != LIKE_SAME)
        r = tail_cut(sweep->path, sweep->world, file, &rotated_file->text);
    if (r < 0)
        return r;
    file->state = live ? TAIL_LIVE : TAIL_OLD;
    tail_path_attach(sweep->path, sweep->world, file, &rotated_file->text, &rotated_file->facts,
                     sweep->now_us);
    return 0;
}

/* What the name shows is not in the list. */
static struct rotated_file *listed(struct sweep *sweep, struct rotated_file *rotated_file)
{
    return rotated_file == &sweep->live ? NULL : rotated_file;
}

/* Such a file was not copied in order to rotate it. */
static bool is_rotated(const struct sweep *sweep, const struct rotated_file *rotated_file)
{
    return rotated_file->named || (rotated_file->sibling && sweep->path->real);
}

static int by_inode(struct sweep *sweep, struct rotated_file *rotated_file, bool live)
{
    struct tail_file *file = tail_known_inode(sweep->path, &rotated_file->facts);

    if (!file)
        return 0;
    file->seen = true;
    file->claimed = live;
    file->found = listed(sweep, rotated_file);
    file->rotated = is_rotated(sweep, rotated_file);
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
    file->found = listed(sweep, rotated_file);
    file->rotated = is_rotated(sweep, rotated_file);
    file->state = live ? TAIL_LIVE : TAIL_OLD;
    tail_path_attach(sweep->path, sweep->world, file, &rotated_file->text, &rotated_file->facts,
                     sweep->now_us);
}

static struct tail_file *begin(struct sweep *sweep, struct rotated_file *rotated_file, bool live,
                               bool unproven)
{
    struct tail_file *file = tail_file_new(live ? TAIL_LIVE : TAIL_OLD);

    if (!file)
        return NULL;
    file->packed = rotated_file->packed;
    file->claimed = live;
    file->found = listed(sweep, rotated_file);
    file->rotated = is_rotated(sweep, rotated_file);
    file->unproven = unproven;
    tail_path_attach(sweep->path, sweep->world, file, &rotated_file->text, &rotated_file->facts,
                     sweep->now_us);
    tail_known_insert(sweep->path, file);
    return file;
}

/* Only the very first file of a name: the next one is new, even if we are not settled yet. */
static bool begins_at_end(const struct sweep *sweep)
{
    const struct tail_world *world = sweep->world;

    if (!sweep->path->fresh || sweep->path->files || world->start == SOURCE_BEGIN)
        return false;
    return world->start == SOURCE_END || world->start == SOURCE_LAST ||
           sweep->live.facts.mtime_ns / 1000 < world->since;
}

/* While files are renamed, the list shows some of them twice and others not at all. */
static bool list_is_steady(const struct sweep *sweep)
{
    return tail_list_is_current(sweep->path, sweep->world, &sweep->rotated_files);
}

/* The name shows a file of unknown inode. It may be new, or a copy of a known one put in its
 * place. */
static int begin_live(struct sweep *sweep)
{
    struct rotated_file *live = &sweep->live;
    enum likeness likeness;
    struct tail_file *known =
        tail_known_text(sweep->path, &live->text, &live->facts, true, NULL, &likeness);
    bool short_text = live->facts.size < HEAD_MAX;
    struct tail_file *file;
    uint64_t offset = 0;

    /* While files are renamed, the one it begins like may be a rotated one that is not listed: look
     * again. A few lines are no proof of a copy that was cut short. */
    if (known && short_text && !list_is_steady(sweep))
        return 0;
    if (likeness == LIKE_SHORTER && short_text)
        known = NULL;
    if (known && likeness == LIKE_SAME && !tail_file_is_open(known)) {
        take_over(sweep, known, live, true);
        return 0;
    }
    /* An editor or rsync has replaced the file with a copy. */
    if (known)
        offset = likeness == LIKE_SAME ? known->id.offset : live->facts.size;
    else if (begins_at_end(sweep))
        offset = text_file_line_start(&live->text, live->facts.size > sweep->world->last
                                                       ? live->facts.size - sweep->world->last
                                                       : 0);
    file = begin(sweep, live, true, false);
    if (!file)
        return -ENOMEM;
    if (offset > 0)
        return identity_read(&file->id, &file->text, offset) == -ENOMEM ? -ENOMEM : 0;
    return 0;
}

/* A file that by its times was never read, and is not read now. Said once, and not while files are
 * renamed: the next sweep knows better. */
static void set_aside(struct sweep *sweep, const struct rotated_file *rotated_file,
                      enum source_note note, const char *why)
{
    if (sweep->path->aside_ino == rotated_file->facts.ino || !list_is_steady(sweep))
        return;
    sweep->path->aside_ino = rotated_file->facts.ino;
    source_say(sweep->world->source, note, 1, "%s is not read: %s", rotated_file->path, why);
}

/* Between the reading of a directory and the look at what it holds, another packed file may have
 * got the name of an older one, while what it is made of is not in the list. */
static bool list_is_sound(struct sweep *sweep)
{
    if (!sweep->checked)
        sweep->steady = list_is_steady(sweep);
    sweep->checked = true;
    return sweep->steady;
}

/* Opening files is the expensive part, so most are ruled out by their times first. */
static bool may_need_its_text(struct tail_path *path, const struct rotated_file *rotated_file,
                              bool unread)
{
    /* Listed for its inode number only, which it got from a file that we knew. */
    if ((!rotated_file->named && !rotated_file->sibling) ||
        tail_known_inode(path, &rotated_file->facts))
        return false;
    /* Opening every packed file at every look would cost too much, and while we are running we hold
     * the files themselves. */
    if (!unread && path->settled && !path->copies &&
        (rotated_file->packed || rotated_file->facts.btime_ns < path->floor_btime_ns))
        return false;
    return unread || !path->fresh_rotated;
}

/* For a file whose inode is unknown: a copy, a compressed form, or one never read. */
static int by_text(struct sweep *sweep, struct rotated_file *rotated_file)
{
    struct tail_path *path = sweep->path;
    bool unread = tail_floor_is_unread(path, sweep->world, rotated_file, live_facts(sweep));
    bool unproven;
    enum likeness likeness;
    struct tail_file *known;

    if (!may_need_its_text(path, rotated_file, unread))
        return 0;
    if (!rotated_file_open(rotated_file)) {
        if (unread && errno != ENOENT)
            set_aside(sweep, rotated_file, SOURCE_NOTE_UNREADABLE, strerror(errno));
        return 0;
    }
    if (rotated_file->packed && rotated_files_is_being_packed(&sweep->rotated_files, rotated_file))
        return 0;
    known =
        tail_known_text(path, &rotated_file->text, &rotated_file->facts, false, NULL, &likeness);
    if (known && likeness == LIKE_SAME && !tail_file_is_open(known)) {
        take_over(sweep, known, rotated_file, false);
        return 0;
    }
    if (known && tail_file_is_open(known) && !known->found)
        known->found = rotated_file; /* packed: the copy has its place */
    if (known)
        known->sought = false; /* a copy that is shorter lacks what was read in the meantime */
    unproven = tail_known_is_unsure(known, likeness, &rotated_file->text, rotated_file->facts.size);
    if (unproven)
        known = NULL; /* tail_pass.c decides when there is more */
    if (unread && known && !tail_known_is_at_hand(known))
        set_aside(sweep, rotated_file, SOURCE_NOTE_ASIDE,
                  "it begins like a file that is read already: a copy");
    if (known || !unread || (rotated_file->packed && !list_is_sound(sweep)))
        return 0;
    known = unproven ? NULL : tail_known_unread(path, &rotated_file->text);
    if (known) {
        take_over(sweep, known, rotated_file, false);
        return 0;
    }
    if (path->fresh_rotated)
        source_say(sweep->world->source, SOURCE_NOTE_BACKFILL, 1, "reading %s", rotated_file->path);
    return begin(sweep, rotated_file, false, unproven) ? 0 : -ENOMEM;
}

static bool may_be_copies(const struct tail_path *path)
{
    const struct tail_file *file = path->files;

    while (file && !(file->unproven && tail_file_is_open(file)))
        file = file->next;
    return file != NULL;
}

/* What was truncated and copied nowhere had all been read, or is lost in part. */
static void report_uncopied(struct sweep *sweep)
{
    if (may_be_copies(sweep->path))
        return;
    for (struct tail_file *file = sweep->path->files; file; file = file->next) {
        if (file->sought && file->id.ino == 0)
            source_say(sweep->world->source, SOURCE_NOTE_GAP, 1,
                       "%s: there is no copy of what was truncated after byte %llu had been read; "
                       "what came after is lost",
                       sweep->path->path, (unsigned long long)file->id.offset);
        file->sought = false;
    }
}

static int settle(struct sweep *sweep)
{
    struct tail_path *path = sweep->path;
    int r = tail_floor_raise(path, &sweep->rotated_files, live_facts(sweep));

    path->fresh = false;
    path->fresh_rotated &= !sweep->listed;
    path->copies = path->sweep = path->turned = false;
    path->settled = true;
    path->overtaken = 0;
    report_uncopied(sweep);
    tail_known_prune(path);
    return r;
}

/* Nothing is known to be lost of a file in which nothing was ever seen. */
static void report_gap(struct sweep *sweep, struct tail_file *file)
{
    if (file->id.head_len > 0)
        source_say(sweep->world->source, SOURCE_NOTE_GAP, 1,
                   "%s: the file that was read up to byte %llu is gone; what came after is lost",
                   sweep->path->path, (unsigned long long)file->id.offset);
    file->state = TAIL_DONE;
    file->id.ino = 0;
}

/* What an earlier sweep has found may be younger than what this one did. */
static void put_in_order(struct tail_path *path)
{
    for (struct tail_file *file = path->files, *next; file; file = next) {
        next = file->next;
        if (file->state == TAIL_OLD && tail_file_is_open(file) && file->found)
            tail_known_hasten(path, file);
    }
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
        if (file->state != TAIL_DONE && !tail_file_is_open(file) && !file->seen && sweep->settled)
            report_gap(sweep, file);
    }
    if (live) {
        tail_known_unlink(path, live);
        tail_known_append(path, live);
    }
    if (sweep->settled)
        put_in_order(path);
}

static bool is_live_still(const struct sweep *sweep)
{
    const struct file_facts *live = &sweep->live.facts;
    struct file_facts facts;
    int r = file_facts_get(AT_FDCWD, sweep->path->path, &facts);

    if (sweep->live_error != 0)
        return r == sweep->live_error || r == 0;
    return r == 0 && file_facts_same(&facts, live->dev, live->ino, live->btime_ns);
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

/* Whether the file that the name shows was truncated while we looked for the copy of its text. Then
 * a copy that begins like the new one may have been taken for one being made. */
static int cut_again(struct sweep *sweep, bool *ret)
{
    struct tail_path *path = sweep->path;
    struct tail_file *file =
        sweep->live_error == 0 ? tail_known_inode(path, &sweep->live.facts) : NULL;

    *ret = file && tail_file_is_open(file) && file->id.head_len > 0 &&
           identity_compare(&file->id, &file->text, 0) != LIKE_SAME;
    return *ret ? tail_cut(path, sweep->world, file, &file->text) : 0;
}

/* While the directory changes under the sweep, what it saw is good for reading on, but not for
 * deciding that something is gone or that nothing else is new. Then it sweeps again. */
static int conclude(struct sweep *sweep)
{
    struct tail_path *path = sweep->path;
    bool cut;
    int r = cut_again(sweep, &cut);

    if (r < 0)
        return r;
    sweep->settled = !cut && sweep->listed && is_live_still(sweep) && list_is_steady(sweep);
    if (sweep->rotated_files.full && path->aside_ino != UINT64_MAX) {
        path->aside_ino = UINT64_MAX;
        source_say(sweep->world->source, SOURCE_NOTE_BEYOND, 1,
                   "%s has more rotated files than are looked at (%zu)", path->path,
                   sweep->rotated_files.count);
    }
    arrange(sweep);
    if (sweep->settled || !sweep->listed)
        return settle(sweep);
    path->sweep = path->dirty = true;
    path->overtaken++;
    return 0;
}

/* By inode first, because a rename keeps it and that settles most files; by text only what is left
 * over. */
int tail_sweep(struct tail_path *path, struct tail_world *world, int64_t now_us)
{
    struct sweep sweep = {.path = path, .world = world, .now_us = now_us, .live.text.fd = -1};
    int r;

    for (struct tail_file *file = path->files; file; file = file->next)
        file->claimed = file->seen = file->rotated = false;
    tail_path_resolve(path);
    sweep.listed = faccessat(AT_FDCWD, path->directory, R_OK | X_OK, AT_EACCESS) == 0;
    r = tail_list(path, world, &sweep.rotated_files);
    sweep.live_error = r < 0 ? r : open_live(&sweep);
    if (r == 0 && sweep.live_error == 0)
        r = by_inode(&sweep, &sweep.live, true);
    for (size_t i = 0; r == 0 && i < sweep.rotated_files.count; i++)
        r = by_inode(&sweep, &sweep.rotated_files.at[i], false);
    if (r == 0 && sweep.live_error == 0 && !tail_known_inode(path, &sweep.live.facts)) {
        path->turned = path->files != NULL;
        r = begin_live(&sweep);
    }
    for (size_t i = 0; r == 0 && i < sweep.rotated_files.count; i++)
        r = by_text(&sweep, &sweep.rotated_files.at[i]);
    if (r == 0)
        r = conclude(&sweep);
    for (struct tail_file *file = path->files; file; file = file->next)
        file->found = NULL;
    text_file_close(&sweep.live.text);
    rotated_files_done(&sweep.rotated_files);
    return r < 0 ? r : sweep.live_error;
}
