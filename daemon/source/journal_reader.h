/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads one journal, or one host's part of a directory of them, entry by entry in
 *               order, each once; gets over rotation, vacuum, damage and a clock set back.
 * Doesn't know: the other hosts; polling.
 * Owns:         the handle, its place.
 * Time:         now_us is monotonic and passed in; entries' times are wall time.
 * Fails:        negative errno of libsystemd at open; later errors are noted and gone over.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_READER_H
#define RELAYWATCH_SOURCE_JOURNAL_READER_H

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
    uint64_t parse_thread;
    /* The handle. */
    bool at_entry;     /* it stands on the last entry taken in, and that is after the cursor */
    bool pending_test; /* seek_cursor was called, and no entry has come yet */
    uint64_t to_skip;  /* of `parse_thread`, after seek_cursor */
    bool follows;      /* changes are watched: not for JOURNAL_FILES */
    bool vacuumed;     /* files went away: look for a gap */
    unsigned errors;   /* since the last good entry */
    uint64_t taken;    /* since the handle was opened */
    int64_t health_us; /* when to look whether all is well */
    dur_us empty_step; /* until the next try to open a journal that has no files */
    bool waiting, unreadable, crowded; /* was noted */
};

struct journal_reader *journal_reader_new(struct journal_world *world, const char *host);
void journal_reader_free(struct journal_reader *reader);

/* Opens, or opens again, at its place. */
int journal_reader_open(struct journal_reader *reader);
/* SOURCE_IDLE, SOURCE_MORE or -ENOMEM. budget: entries, counted down. */
int journal_reader_run(struct journal_reader *reader, int64_t now_us, size_t *budget);
int64_t journal_reader_deadline_us(const struct journal_reader *reader);
/* May change with every run; -1 for none. */
int journal_reader_fd(const struct journal_reader *reader);

/* Of journal_place.c. */
/* Makes the place that of the entry the handle stands on. */
void journal_reader_keep_place(struct journal_reader *reader);
/* seqnum_id and boot have 33 bytes. False: not the cursor of a journal we know. */
bool journal_cursor_parse(const char *cursor, char *seqnum_id, uint64_t *seqnum, char *boot);
json_t *journal_reader_print(const struct journal_reader *reader);
void journal_reader_load(struct journal_reader *reader, const json_t *json);

/* Of journal_health.c. */
/* Says so where entries behind the place are gone, or the place lies in the future. */
void journal_reader_check(struct journal_reader *reader);
/* Whether the journal has files we can read. Says why not. */
bool journal_reader_has_files(struct journal_reader *reader);
/* Whether the system's journal has moved to disk since the handle was opened. */
bool journal_reader_has_moved(const struct journal_reader *reader);

#endif
