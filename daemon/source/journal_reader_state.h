/* SPDX-License-Identifier: MIT */
/*
 * Does:         what is remembered of one journal that is read, and what all readers share.
 * Doesn't know: how it is read.
 * Owns:         nothing itself; journal_reader.h says who does.
 * Time:         monotonic in now_us and _us members, wall time in wall_us.
 * Fails:        -
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_READER_STATE_H
#define RELAYWATCH_SOURCE_JOURNAL_READER_STATE_H

#include <jansson.h>

#include "source/journal_entry.h"
#include "source/source_internal.h"

enum journal_where { JOURNAL_LOCAL, JOURNAL_DIRECTORY, JOURNAL_FILES };

/* What all readers of a source share. */
struct journal_world {
    struct source *source;
    enum journal_where where;
    char *directory;    /* JOURNAL_DIRECTORY */
    char *name_space;   /* JOURNAL_LOCAL: or NULL */
    const char **files; /* JOURNAL_FILES, NULL-terminated */
    bool check_sender;
    int64_t postfix_uid;
    enum source_start start;
    wall_us since;
    dur_us recheck, poll;
    struct journal_entry *entry; /* one for all: reads never overlap */
};

struct journal_reader {
    struct journal_reader *next;
    struct journal_world *world;
    char *host; /* NULL: all there is */
    sd_journal *journal;
    /* The place. Without a cursor: everything from `since` on (0: from the beginning) is new. */
    char *cursor;
    char seqnum_id[33], boot[33]; /* of the cursor's entry, hex */
    uint64_t seqnum;
    wall_us since;
    wall_us last; /* when the last entry was taken in */
    wall_us seen; /* everything up to then was looked at, whether it was ours or not */
    bool waits;   /* hands nothing over: only sees whether there is anything to read */
    bool fresh;   /* there is no place yet: the start policy decides */
    /* Entries after the cursor that were taken in; to be passed over when it is sought again. */
    uint64_t ahead;
    /* The handle. */
    bool at_entry;     /* it stands on the last entry taken in, and that is after the cursor */
    bool pending_test; /* seek_cursor was called, and no entry has come yet */
    uint64_t to_skip;  /* of `ahead`, after seek_cursor */
    bool follows;      /* changes are watched: not for JOURNAL_FILES */
    bool vacuumed;     /* files went away: look for a gap */
    unsigned errors;   /* since the last good entry */
    uint64_t taken;    /* since the handle was opened */
    int64_t health_us; /* when to look whether all is well */
    dur_us empty_step; /* until the next try to open a journal that has no files */
    bool waiting, unreadable, crowded; /* was noted */
};

#endif
