/* SPDX-License-Identifier: MIT */
/*
 * sd_journal_next does most of the work, and most of this file is about the cases it does not
 * handle: files deleted under it, damage, entries returned twice, a position that no longer exists.
 * After every recovery the sequence number decides what is new, so nothing counts twice.
 */
#include "source/journal_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/journal_handle.h"
#include "source/journal_health.h"
#include "source/journal_position.h"
#include "source/journal_sigbus.h"

/* Entries until deleted files are let go, or sd_journal_next fails forever; errors until the handle
 * is reopened; entries until it is reopened when idle, which unmaps what was read. */
enum { PROCESS_EVERY = 1024, ERRORS_MAX = 3, REOPEN_AFTER = 50000, CURSOR_EVERY = 1000 };

/* How often an entry without MESSAGE is read again, how long after each time, and how long no other
 * such entry is waited for if it had none in the end. */
enum { TRIES_MAX = 3, HOLD_US = 200000, HASTE_US = 10 * US_PER_S };

/* Since systemd 254. Without it we parse the number out of the cursor, which costs more. */
int sd_journal_get_seqnum(sd_journal *j, uint64_t *ret_seqnum, sd_id128_t *ret_seqnum_id)
    __attribute__((weak));

struct journal_reader *journal_reader_new(struct journal_world *world, const char *host)
{
    struct journal_reader *reader = calloc(1, sizeof(*reader));

    if (!reader || (host && !(reader->host = strdup(host)))) {
        free(reader);
        return NULL;
    }
    reader->world = world;
    reader->fresh = true;
    reader->follows = world->where != JOURNAL_FILES;
    reader->health_us = 0;
    return reader;
}

void journal_reader_free(struct journal_reader *reader)
{
    if (!reader)
        return;
    sd_journal_close(reader->journal);
    free(reader->cursor);
    free(reader->host);
    free(reader);
}

/* -- The handle. -- */

int journal_reader_fd(const struct journal_reader *reader)
{
    if (!reader->journal || !reader->follows || reader->polls || reader->waits ||
        journal_reader_has_own_files(reader))
        return -1;
    return sd_journal_get_fd(reader->journal);
}

static int reopen(struct journal_reader *reader, const char *why)
{
    journal_position_update(reader);
    source_say(reader->world->source, SOURCE_NOTE_RECOVERED, 1, "journal: reopened: %s", why);
    return journal_handle_open(reader);
}

/* Lets go of deleted files. Updates the position first, because it may be in one of them. */
static int process(struct journal_reader *reader)
{
    int r;

    if (!reader->follows || journal_reader_has_own_files(reader))
        return 0;
    journal_position_update(reader);
    r = sd_journal_process(reader->journal);
    reader->moved |= r != SD_JOURNAL_NOP;
    if (r == SD_JOURNAL_INVALIDATE)
        reader->vacuumed = true;
    return r < 0 ? r : 0;
}

/* sd_journal_next failed. Never seek to the head: everything would be counted twice. */
static int recover_next(struct journal_reader *reader, int error)
{
    if (!reader->follows || ++reader->errors > 2 * ERRORS_MAX)
        return error;
    if (reader->errors < ERRORS_MAX)
        return process(reader);
    return reopen(reader, strerror(-error));
}

/* The entry that sd_journal_next moved to cannot be read: its file was truncated or is damaged. */
static int recover_entry(struct journal_reader *reader, int error)
{
    reader->at_entry = false; /* the handle has left the last good one */
    if (reader->follows && ++reader->errors <= ERRORS_MAX)
        return reopen(reader, strerror(-error));
    source_say(reader->world->source, SOURCE_NOTE_DAMAGED, 1,
               "an entry of the journal cannot be read: %s", strerror(-error));
    reader->errors = 0;
    reader->at_entry = true; /* so that the position moves past it */
    return 0;
}

/* -- Entries. -- */

static bool was_seen(struct journal_reader *reader, uint64_t realtime)
{
    char seqnum_id[33], boot[33];
    uint64_t seqnum;
    sd_id128_t id;
    char *cursor;
    bool seen;

    if (!reader->seqnum_id[0])
        return false;
    if (sd_journal_get_seqnum) {
        if (sd_journal_get_seqnum(reader->journal, &seqnum, &id) < 0)
            return false;
        return strcmp(sd_id128_to_string(id, seqnum_id), reader->seqnum_id) == 0 &&
               seqnum <= reader->seqnum;
    }
    /* A later time proves it is new, and costs less. */
    if ((wall_us)realtime > reader->last || sd_journal_get_cursor(reader->journal, &cursor) < 0)
        return false;
    seen = journal_cursor_parse(cursor, seqnum_id, &seqnum, boot) &&
           strcmp(seqnum_id, reader->seqnum_id) == 0 && seqnum <= reader->seqnum;
    free(cursor);
    return seen;
}

/* Whether the entry was handed over before. The first entry after seek_cursor is the cursor's own,
 * if that still exists and matches; else it is new, and skipping it blindly would lose it. */
static bool is_repeated(struct journal_reader *reader, uint64_t realtime)
{
    bool pending = reader->pending_test;

    reader->pending_test = false;
    if (pending && sd_journal_test_cursor(reader->journal, reader->cursor) > 0)
        return true;
    if (reader->to_skip > 0 && (wall_us)realtime <= reader->last) {
        reader->to_skip--;
        return true;
    }
    reader->to_skip = 0;
    if (!was_seen(reader, realtime))
        return false;
    source_say(reader->world->source, SOURCE_NOTE_SEEN, 1,
               "the journal returned an entry a second time; it was dropped");
    return true;
}

/* journald's own notes about suppressed messages become notes; everything else is an entry. */
static void hand_over(struct journal_reader *reader, const struct journal_entry *entry)
{
    struct source *source = reader->world->source;

    if (entry->suppressed)
        source_say(
            source, SOURCE_NOTE_SUPPRESSED, entry->dropped,
            "journald dropped %llu messages of Postfix by its rate limit: counts are too low",
            (unsigned long long)entry->dropped);
    if (entry->suppressed || entry->other_suppressed)
        return;
    if (!entry->has_message) {
        source_say(source, SOURCE_NOTE_NO_MESSAGE, 1, "a journal entry has no MESSAGE");
        return;
    }
    if (entry->cut)
        source_say(source, SOURCE_NOTE_CUT, 1, "a message of more than %zu bytes was cut",
                   SOURCE_LINE_MAX);
    if (entry->public.refused)
        source_say(source, SOURCE_NOTE_REFUSED, 1,
                   "an entry tagged \"%.*s\" was written by \"%.*s\" (uid %lld), not by Postfix",
                   SPAN_ARG(entry->public.identifier), SPAN_ARG(entry->public.exe),
                   (long long)entry->public.uid);
    source->sink.entry(source->sink.ctx, &entry->public);
}

static bool is_whole(const struct journal_entry *entry)
{
    return entry->has_message || entry->suppressed || entry->other_suppressed ||
           entry->public.refused;
}

/* An entry that is read while it is being written may lack its text. Whoever writes such entries on
 * purpose must not hold up the others, so patience is short. */
static bool is_waited_for(struct journal_reader *reader, int64_t now_us)
{
    if (!reader->follows || now_us < reader->hasty_us)
        return false;
    if (reader->tries == TRIES_MAX) {
        reader->hasty_us = now_us + HASTE_US;
        return false;
    }
    reader->tries++;
    reader->held_us = now_us + HOLD_US;
    return true;
}

static int read_entry(struct journal_reader *reader, uint64_t realtime)
{
    struct journal_world *world = reader->world;
    int r = journal_entry_read(reader->journal, realtime, world->entry,
                               world->check_sender ? &world->senders : NULL);

    if (r >= 0 && journal_sigbus_happened())
        r = -EBADMSG; /* part of it may have been read as zeros */
    return r;
}

/* 1: handed over; 0: seen before; -EAGAIN: not whole yet; or -errno. The position moves only once
 * the entry was read in full. */
static int take_entry(struct journal_reader *reader, int64_t now_us)
{
    struct journal_world *world = reader->world;
    uint64_t realtime;
    int r = sd_journal_get_realtime_usec(reader->journal, &realtime);

    if (r < 0)
        return r;
    if (!reader->held && is_repeated(reader, realtime))
        return 0;
    r = read_entry(reader, realtime);
    if (r >= 0 && !is_whole(world->entry))
        r = read_entry(reader, realtime);
    if (r < 0)
        return r;
    if (!is_whole(world->entry) && is_waited_for(reader, now_us))
        return -EAGAIN;
    reader->tries = 0;
    reader->last = (wall_us)realtime;
    reader->at_entry = true;
    reader->errors = 0;
    reader->taken++;
    reader->after_cursor++;
    hand_over(reader, world->entry);
    return 1;
}

/* Moves to the next entry, unless the handle is on one that is to be read again. */
static int next(struct journal_reader *reader, int64_t now_us)
{
    if (reader->held && now_us < reader->held_us)
        return 0;
    if (reader->held || reader->peeked)
        return 1;
    /* While entries are always left, the position moves here. */
    if (reader->after_cursor >= CURSOR_EVERY)
        journal_position_update(reader);
    return sd_journal_next(reader->journal);
}

/* Whether the entry that the handle is on was written later. */
static bool is_later(struct journal_reader *reader, wall_us until)
{
    uint64_t realtime;

    reader->peeked = until != INT64_MAX &&
                     sd_journal_get_realtime_usec(reader->journal, &realtime) >= 0 &&
                     (wall_us)realtime > until;
    if (reader->peeked)
        reader->next_time = (wall_us)realtime;
    reader->at_entry &= !reader->peeked; /* the position stays before it */
    return reader->peeked;
}

static int drain(struct journal_reader *reader, int64_t now_us, wall_us until, size_t *budget)
{
    for (size_t n = 1; *budget > 0; n++, (*budget)--) {
        int r = next(reader, now_us);

        if (r == 0)
            return SOURCE_IDLE;
        if (r > 0 && is_later(reader, until))
            return SOURCE_MORE;
        if (r < 0) {
            r = recover_next(reader, r);
        } else {
            r = take_entry(reader, now_us);
            reader->held = r == -EAGAIN;
            reader->at_entry &= !reader->held; /* the position stays before it */
            if (reader->held)
                return SOURCE_IDLE;
            if (r < 0)
                r = recover_entry(reader, r);
        }
        if (r < 0)
            return r;
        if (n % PROCESS_EVERY == 0 && process(reader) < 0)
            return SOURCE_MORE;
    }
    return SOURCE_MORE;
}

/* -- From time to time. -- */

static void wait_for_files(struct journal_reader *reader, int64_t now_us)
{
    const struct journal_world *world = reader->world;

    reader->empty_step = reader->empty_step ? 2 * reader->empty_step : world->poll;
    if (reader->empty_step > world->recheck)
        reader->empty_step = world->recheck;
    reader->health_us = now_us + reader->empty_step;
}

/* A handle opened on a journal without files stays empty forever, without an error. So keep opening
 * new ones until there are files. */
static int check_health(struct journal_reader *reader, int64_t now_us)
{
    bool was_empty = reader->empty_step > 0, own = journal_reader_has_own_files(reader);

    reader->health_us = now_us + reader->world->recheck;
    /* Without a watch, new files are only found by opening the journal again. */
    if (!reader->journal || reader->polls || was_empty || reader->errors > ERRORS_MAX ||
        journal_health_has_moved(reader)) {
        int r = journal_handle_open(reader);
        if (r == -ENOMEM)
            return r;
    }
    if (own && !reader->surveys)
        reader->empty_step = 0;
    else if (!journal_health_has_files(reader) && !own)
        wait_for_files(reader, now_us);
    else
        reader->empty_step = 0;
    reader->errors = 0;
    /* A journal that appears after the start is read whole; one that merely becomes readable is
     * not. */
    if (reader->empty_step > 0 ? !reader->unreadable : !reader->waits)
        reader->fresh = false;
    if (reader->journal)
        journal_health_check(reader);
    return 0;
}

static int when_idle(struct journal_reader *reader, wall_us end)
{
    bool pending = reader->pending_test;

    if (pending)
        journal_health_check(reader);
    else if (end > reader->seen)
        reader->seen = end;
    if (reader->follows && reader->taken > REOPEN_AFTER)
        journal_handle_open(reader);
    return pending && !reader->pending_test ? SOURCE_MORE : SOURCE_IDLE;
}

/* The host's files are others than the handle has: one was rotated, or deleted. */
static int refresh(struct journal_reader *reader, int64_t now_us)
{
    int r;

    journal_position_update(reader);
    r = journal_handle_open(reader);
    if (r < 0 && r != -ENODATA)
        reader->health_us = now_us + reader->world->poll;
    return r == -ENOMEM ? r : 0;
}

/* The time of the last entry of all, ours or not. Taken before reading, so that nothing written
 * meanwhile is claimed as seen. */
static wall_us end_of(const struct journal_reader *reader)
{
    uint64_t from, to;

    return sd_journal_get_cutoff_realtime_usec(reader->journal, &from, &to) > 0 ? (wall_us)to : 0;
}

/* The order matters: health, then libsystemd's own bookkeeping, then entries, and the position
 * last, while the handle is still on the last entry. */
int journal_reader_run(struct journal_reader *reader, int64_t now_us, wall_us until, size_t *budget)
{
    wall_us end;
    int r = 0;

    if (reader->follows && now_us >= reader->health_us)
        r = check_health(reader, now_us);
    reader->poll_us = now_us + reader->world->poll;
    reader->moved |= reader->due || reader->polls;
    reader->due = false;
    if (r >= 0 && reader->stale)
        r = refresh(reader, now_us);
    if (r < 0 || !reader->journal || reader->waits)
        return r;
    journal_sigbus_happened(); /* forget one caused by another handle */
    if (process(reader) < 0)
        reopen(reader, "it could not be followed");
    if (reader->vacuumed && reader->journal)
        journal_health_check(reader);
    reader->vacuumed = false;
    if (reader->journal && journal_handle_look_again(reader, now_us) < 0)
        reopen(reader, "its end could not be looked at again");
    end = reader->journal ? end_of(reader) : 0;
    r = reader->journal ? drain(reader, now_us, until, budget) : -ENODATA;
    journal_position_update(reader);
    if (r == SOURCE_IDLE)
        r = when_idle(reader, end);
    if (r == SOURCE_IDLE && reader->journal)
        journal_handle_see_end(reader, now_us);
    reader->due = r == SOURCE_MORE;
    if (r >= 0)
        return r;
    if (!reader->follows)
        source_say(reader->world->source, SOURCE_NOTE_DAMAGED, 1,
                   "the journal cannot be read any further: %s", strerror(-r));
    reader->health_us = now_us + reader->world->poll;
    return SOURCE_IDLE;
}

int journal_reader_go_on(struct journal_reader *reader, int64_t now_us, wall_us until,
                         size_t *budget)
{
    int r = drain(reader, now_us, until, budget);

    journal_position_update(reader);
    reader->due = true; /* what a reader that is idle or failed has to do, the next run does */
    return r == -ENOMEM ? r : SOURCE_MORE;
}

int64_t journal_reader_deadline_us(const struct journal_reader *reader)
{
    uint64_t timeout = UINT64_MAX;

    if (!reader->follows)
        return INT64_MAX;
    if (reader->held && reader->held_us < reader->health_us)
        return reader->held_us;
    if (!reader->held && reader->look_us && reader->look_us < reader->health_us)
        return reader->look_us;
    if (journal_reader_has_own_files(reader))
        return reader->health_us;
    /* On a network file system libsystemd polls, and says when. */
    if (reader->journal && sd_journal_get_timeout(reader->journal, &timeout) >= 0 &&
        timeout < (uint64_t)reader->health_us)
        return (int64_t)timeout;
    return reader->polls && reader->poll_us < reader->health_us ? reader->poll_us
                                                                : reader->health_us;
}
