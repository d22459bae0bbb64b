/* SPDX-License-Identifier: MIT */
/*
 * The order is libsystemd's: matches, then the watch, then the seek. A match added later would undo
 * the seek, and what is written between the seek and the watch would go unnoticed.
 */
#include "source/journal_handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/journal_files.h"
#include "source/journal_health.h"
#include "source/journal_position.h"

/* How long after an end that may not be the last. */
enum { LOOK_US = 200000 };
/* SOURCE_LAST: so many entries. */
enum { LAST_ENTRIES = 5000, LAST_OF_HOST = 500 };

static void say_broken(void *ctx, const char *path, int error)
{
    const struct journal_reader *reader = ctx;

    source_say(reader->world->source, SOURCE_NOTE_DAMAGED, 1, "%s: cannot be read as a journal: %s",
               path, strerror(-error));
}

static int open_files(struct journal_reader *reader)
{
    const char **paths = journal_files_of(reader->world->own_files, reader);
    int r = paths ? -ENODATA : -ENOMEM;

    if (paths && paths[0])
        r = sd_journal_open_files(&reader->journal, paths, 0);
    free(paths);
    return r;
}

/* libsystemd opens all of the files or none. */
static int open_own_files(struct journal_reader *reader)
{
    int r = open_files(reader);

    if (r >= 0 || r == -ENODATA || r == -ENOMEM)
        return r;
    journal_files_drop_broken(reader->world->own_files, reader, say_broken, reader);
    return open_files(reader);
}

static int open_handle(struct journal_reader *reader)
{
    const struct journal_world *world = reader->world;

    if (journal_reader_has_own_files(reader))
        return open_own_files(reader);
    switch (world->where) {
    case JOURNAL_DIRECTORY:
        return sd_journal_open_directory(&reader->journal, world->directory, 0);
    case JOURNAL_FILES:
        return sd_journal_open_files(&reader->journal, world->files, 0);
    default:
        return sd_journal_open_namespace(&reader->journal, world->name_space,
                                         SD_JOURNAL_LOCAL_ONLY);
    }
}

static int add_matches(struct journal_reader *reader)
{
    sd_journal *journal = reader->journal;
    char match[300];
    int r = sd_journal_add_match(journal, "SYSLOG_FACILITY=2", 0);

    if (r >= 0)
        r = sd_journal_add_disjunction(journal);
    if (r >= 0)
        r = sd_journal_add_match(journal, "MESSAGE_ID=" JOURNAL_SUPPRESSED, 0);
    if (r < 0 || !reader->host)
        return r;
    r = sd_journal_add_conjunction(journal);
    if (r < 0)
        return r;
    snprintf(match, sizeof(match), "_HOSTNAME=%s", reader->host);
    return sd_journal_add_match(journal, match, 0);
}

/* sd_journal_seek_tail followed by sd_journal_next returns one old entry of each file, or never
 * anything. So step back to the last entry; if there is none, the beginning is the end. */
static int seek_end(struct journal_reader *reader)
{
    uint64_t realtime;
    int r = sd_journal_seek_tail(reader->journal);

    if (r >= 0)
        r = sd_journal_previous(reader->journal);
    if (r < 0)
        return r;
    if (r == 0)
        return sd_journal_seek_head(reader->journal);
    if (sd_journal_get_realtime_usec(reader->journal, &realtime) >= 0)
        reader->last = (wall_us)realtime;
    reader->at_entry = true;
    journal_position_update(reader);
    return 0;
}

/* Before the last entries: fewer of each host, where there may be many. */
static int seek_last(struct journal_reader *reader)
{
    uint64_t entries = reader->host ? LAST_OF_HOST : LAST_ENTRIES;
    int r = sd_journal_seek_tail(reader->journal);

    if (r >= 0)
        r = sd_journal_previous_skip(reader->journal, entries);
    /* There are no more. */
    return r >= 0 && (uint64_t)r < entries ? sd_journal_seek_head(reader->journal) : r;
}

static int seek(struct journal_reader *reader)
{
    const struct journal_world *world = reader->world;

    reader->pending_test = false;
    reader->to_skip = reader->after_cursor;
    if (reader->cursor) {
        reader->pending_test = true;
        return sd_journal_seek_cursor(reader->journal, reader->cursor);
    }
    if (reader->fresh && world->start == SOURCE_END)
        return seek_end(reader);
    if (reader->fresh && world->start == SOURCE_LAST)
        return seek_last(reader);
    if (reader->fresh && world->start == SOURCE_SINCE)
        reader->since = world->since;
    return reader->since ? sd_journal_seek_realtime_usec(reader->journal, (uint64_t)reader->since)
                         : sd_journal_seek_head(reader->journal);
}

/* Each handle needs an inotify instance, and a user has 128 of them by default. A host beyond that
 * is read from time to time: entries are late, not lost. */
static int watch(struct journal_reader *reader)
{
    struct source *source = reader->world->source;
    int fd = sd_journal_get_fd(reader->journal);

    if (fd < 0 && !reader->polls)
        source_say(source, SOURCE_NOTE_POLLING, 1,
                   "journal%s%s: looking every %lld ms, because %s (fs.inotify.max_user_instances)",
                   reader->host ? " of " : "", reader->host ? reader->host : "",
                   (long long)(reader->world->poll / 1000), strerror(-fd));
    reader->polls = fd < 0;
    return fd == -ENOMEM ? fd : 0;
}

/* libsystemd counts an entry before that is found by what it matches. If the end is looked at in
 * between, the entry is overlooked, and libsystemd doesn't look again before the next one. */
void journal_handle_see_end(struct journal_reader *reader, int64_t now_us)
{
    uint64_t from, to;

    if (!reader->moved || !reader->follows || reader->held || !reader->cursor)
        return;
    reader->moved = false;
    if (sd_journal_get_cutoff_realtime_usec(reader->journal, &from, &to) > 0 &&
        (wall_us)to != reader->last)
        reader->look_us = now_us + LOOK_US;
}

int journal_handle_look_again(struct journal_reader *reader, int64_t now_us)
{
    if (!reader->look_us || now_us < reader->look_us || reader->held)
        return 0;
    reader->look_us = 0;
    reader->at_entry = reader->peeked = false;
    return seek(reader);
}

/* Opens a handle and seeks to the position. Never seeks to the head unless nothing was read
 * yet. */
int journal_handle_open(struct journal_reader *reader)
{
    int r;

    sd_journal_close(reader->journal);
    reader->journal = NULL;
    reader->at_entry = reader->stale = reader->held = reader->peeked = false;
    reader->taken = 0;
    r = open_handle(reader);
    if (r >= 0)
        r = sd_journal_set_data_threshold(reader->journal, 0);
    if (r >= 0)
        r = add_matches(reader);
    /* Watch first: what is written during the seek must wake us. */
    if (r >= 0 && reader->follows && !journal_reader_has_own_files(reader))
        r = watch(reader);
    if (r >= 0)
        r = seek(reader);
    if (r < 0) {
        sd_journal_close(reader->journal);
        reader->journal = NULL;
        return r;
    }
    journal_health_check(reader);
    return 0;
}
