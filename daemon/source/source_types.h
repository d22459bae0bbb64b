/* SPDX-License-Identifier: MIT */
/*
 * Does:         what passes between a source and who reads it: lines, entries, notes, options.
 * Doesn't know: how a log is followed.
 * Owns:         nothing; text in a callback is borrowed until it returns.
 * Time:         wall time; durations in microseconds.
 * Fails:        -
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_TYPES_H
#define RELAYWATCH_SOURCE_SOURCE_TYPES_H

#include "parse/log_line.h"

/* A line longer than this is handed over cut, the rest of it is skipped. */
#define SOURCE_LINE_MAX LOG_LINE_MAX

struct source;

/* A block of a file. */
struct source_lines {
    const char *data; /* whole lines, each ends in '\n'; any other byte is as in the file */
    size_t len;
    wall_us written; /* when the file was last written to: where a date without a year belongs */
    bool cut;        /* one line of more than SOURCE_LINE_MAX bytes, of which these are the first */
    bool unfinished; /* one line that its file ended without: the '\n' is ours */
};

/* A journal entry. Spans are empty where the entry has no such field. */
struct source_entry {
    struct span host;       /* _HOSTNAME */
    struct span identifier; /* SYSLOG_IDENTIFIER: "postfix/smtpd" */
    struct span message;    /* MESSAGE; may hold newlines */
    struct span exe;        /* _EXE */
    struct span unit;       /* _SYSTEMD_UNIT */
    int64_t pid;            /* SYSLOG_PID, else _PID; -1 unknown */
    int64_t uid;            /* _UID; -1 unknown */
    wall_us when;           /* _SOURCE_REALTIME_TIMESTAMP, else when journald took it */
    bool refused;           /* by what journald itself recorded, Postfix did not write this */
};

/* What the operator should know. Rows: name, sentence. */
#define SOURCE_NOTES(X)                                                                            \
    X(GAP, "gap", "lines after the saved position no longer exist")                                \
    X(TRUNCATED, "truncated", "a file was cut; it is read on from its new beginning or end")       \
    X(LOSSY, "lossy-rotation", "copytruncate loses what is written while it copies")               \
    X(WAITING, "waiting", "a file, directory or journal is not there yet")                         \
    X(FOUND, "found", "what was waited for is there")                                              \
    X(UNREADABLE, "unreadable", "a file or journal may not be read")                               \
    X(REGAINED, "regained", "what was unreadable is readable again")                               \
    X(REOPENED, "reopened", "a new file has taken the place of the old one")                       \
    X(POLLING, "polling", "no change notification here: looking from time to time")                \
    X(OVERFLOW, "overflow", "change notifications were lost; everything was looked at")            \
    X(UNFINISHED, "unfinished-line", "a file ended within a line")                                 \
    X(CUT, "cut-line", "a line was longer than 64 KiB")                                            \
    X(NULS, "nul-bytes", "bytes of value 0 (or a hole) at the beginning of a line were skipped")   \
    X(DAMAGED, "damaged", "a packed file or a journal file is damaged")                            \
    X(BACKFILL, "backfill", "a rotated file is read")                                              \
    X(SUPPRESSED, "suppressed", "journald dropped messages by its rate limit")                     \
    X(REFUSED, "refused-sender", "an entry was not written by Postfix")                            \
    X(SEEN, "seen-again", "the journal returned an entry a second time; it was dropped")           \
    X(NO_MESSAGE, "no-message", "a journal entry has no text")                                     \
    X(CLOCK_BACK, "clock-back", "the journal's clock went back; reading on by boot")               \
    X(RECOVERED, "recovered", "the journal was reopened after an error")

enum source_note {
#define X(id, name, text) SOURCE_NOTE_##id,
    SOURCE_NOTES(X)
#undef X
        SOURCE_NOTE_COUNT
};

struct source_sink {
    void (*lines)(void *ctx, const struct source_lines *lines); /* files */
    void (*entry)(void *ctx, const struct source_entry *entry); /* journal */
    void (*note)(void *ctx, enum source_note note, const char *text);
    void *ctx;
};

/* Where to begin when the place does not say. A file that appears later is always read whole. */
enum source_start {
    SOURCE_BEGIN,
    SOURCE_END,
    SOURCE_SINCE, /* files: rotated ones too, whole, if written to at or after `since` */
};

/* A duration of 0 takes the default in brackets. */
struct source_options {
    struct source_sink sink;
    const char *place; /* of source_place, or NULL; a place of the other kind counts as none */
    enum source_start start;
    wall_us since;
    dur_us grace;   /* files: an old file is left when it was quiet for so long [5 s] */
    dur_us cap;     /* files: or so long after its successor's first line [60 s] */
    dur_us recheck; /* look at everything although nothing happened [60 s] */
    dur_us poll;    /* likewise where nothing tells of changes [5 s] */
};

struct source_journal_options {
    const char *directory;  /* "" or NULL: this machine's journal */
    const char *name_space; /* "" or NULL: the default one */
    bool check_sender;
};

enum source_result { SOURCE_IDLE, SOURCE_MORE };

#endif
