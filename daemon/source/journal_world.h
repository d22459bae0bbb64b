/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the state of a journal reader, and what all readers of one source share,
 *               for the files that make up a reader: its position, its health, its loop.
 * Doesn't know: what is done with them.
 * Owns:         the reader its handle and texts; the world its texts and the entry buffer.
 * Time:         *_us are monotonic; since, last and seen are wall time.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_WORLD_H
#define RELAYWATCH_SOURCE_JOURNAL_WORLD_H

#include "source/journal_entry.h"
#include "source/source_kind.h"

struct journal_files;

enum journal_where { JOURNAL_LOCAL, JOURNAL_DIRECTORY, JOURNAL_FILES };

/* Shared by all readers of a source. */
struct journal_world {
    struct source *source;
    enum journal_where where;
    char *directory;                 /* JOURNAL_DIRECTORY */
    char *name_space;                /* JOURNAL_LOCAL: or NULL */
    const char **files;              /* JOURNAL_FILES, NULL-terminated */
    struct journal_files *own_files; /* JOURNAL_DIRECTORY that is followed: of each host */
    bool check_sender;
    struct journal_senders senders;
    enum source_start start;
    wall_us since;
    dur_us recheck, poll;
    struct journal_entry *entry; /* shared: reads never overlap */
};

struct journal_reader {
    struct journal_reader *next;
    struct journal_world *world;
    char *host; /* NULL: all hosts */
    sd_journal *journal;
    /* The position. Without a cursor, everything from `since` on is new (0: from the beginning). */
    char *cursor;
    char seqnum_id[33], boot[33]; /* of the cursor's entry, hex */
    uint64_t seqnum;
    wall_us since;
    wall_us last; /* time of the last entry handed over */
    wall_us seen; /* every entry up to then was looked at, ours or not */
    bool waits;   /* hands nothing over, only checks whether there is anything to read */
    bool fresh;   /* no position yet: the start policy decides */
    /* Entries handed over since the cursor was written; to be skipped after seeking to it again. */
    uint64_t after_cursor;
    /* The handle. */
    bool at_entry;     /* on the last entry handed over, which is after the cursor */
    bool pending_test; /* seek_cursor was called, and no entry has been read since */
    uint64_t to_skip;  /* how much of after_cursor is left to skip, after seek_cursor */
    bool peeked;       /* on an entry that is later than what may be handed over now ... */
    wall_us next_time; /* and this is when it was written */
    bool held;         /* on an entry that has no MESSAGE, which may still be being written ... */
    int64_t held_us;   /* so this is when to read it again ... */
    unsigned tries;    /* how often that was done ... */
    int64_t hasty_us;  /* and until then such an entry is given up at once */
    bool moved;        /* it was written to, so the end is to be looked at again ... */
    int64_t look_us;   /* then; 0: never */
    bool follows;      /* goes on with what is written later; false for JOURNAL_FILES */
    bool polls;        /* there is no inotify instance left to watch with */
    int64_t poll_us;   /* so this is when to look again */
    bool vacuumed;     /* files were deleted: check for a gap */
    /* A host's reader, if its files are known (own_files). */
    unsigned file_count;
    bool due;     /* they were written to */
    bool stale;   /* they are others than the handle has */
    bool surveys; /* looks, for all hosts, at the rights and the number of the directory's files */
    unsigned errors;   /* since the last good entry */
    uint64_t taken;    /* since the handle was opened */
    int64_t health_us; /* time of the next health check */
    dur_us empty_step; /* delay before reopening a journal that has no files; 0: it has some */
    bool waiting, unreadable, crowded; /* already noted */
};

static inline bool journal_reader_has_own_files(const struct journal_reader *reader)
{
    return reader->host && reader->world->own_files;
}

#endif
