/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines what every kind of source is told when it is opened, and what it hands
 *               over: lines, journal entries, and notes for the operator.
 * Doesn't know: how a source works.
 * Owns:         nothing. Text handed to a callback is borrowed until the callback returns.
 * Time:         `since` and `written` are wall time.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_OPTIONS_H
#define RELAYWATCH_SOURCE_SOURCE_OPTIONS_H

#include "parse/log_line.h"

/* A longer line is cut here, and the rest of it skipped. */
#define SOURCE_LINE_MAX LOG_LINE_MAX

/* A block of a file: whole lines. */
struct source_lines {
    const char *data; /* each line ends in '\n'; every other byte is as in the file */
    size_t len;
    wall_us written;  /* when the file was last written to; tells the year of a date without one */
    const char *name; /* of the file, as it is followed; NULL: not of a file */
    uint32_t log;     /* a number of that name, from 1 */
    bool cut;         /* the first SOURCE_LINE_MAX bytes of one longer line */
    bool unfinished;  /* one line whose file ended before its newline: the '\n' is ours */
};

/* A journal entry. A span is empty if the entry lacks the field. */
struct source_entry {
    struct span host;       /* _HOSTNAME */
    struct span identifier; /* SYSLOG_IDENTIFIER: "postfix/smtpd" */
    struct span message;    /* MESSAGE; may hold newlines */
    struct span exe;        /* _EXE */
    struct span unit;       /* _SYSTEMD_UNIT */
    int64_t pid;            /* SYSLOG_PID, else _PID; -1 unknown */
    int64_t uid;            /* _UID; -1 unknown */
    wall_us when;           /* _SOURCE_REALTIME_TIMESTAMP, else when journald received it */
    bool refused;           /* journald's own fields show that Postfix did not write this */
};

/* What the operator should know. Rows: id, name, sentence. */
#define SOURCE_NOTES(X)                                                                            \
    X(GAP, "gap", "lines after the saved position no longer exist")                                \
    X(TRUNCATED, "truncated", "a file was truncated; reading goes on at its beginning or end")     \
    X(LOSSY, "lossy-rotation", "copytruncate loses what is written while it copies")               \
    X(WAITING, "waiting", "a file, directory or journal is not there yet")                         \
    X(FOUND, "found", "what was missing is there now")                                             \
    X(UNREADABLE, "unreadable", "a file or journal can't be read")                                 \
    X(REGAINED, "regained", "what was unreadable is readable again")                               \
    X(REOPENED, "reopened", "a new file has taken the place of the old one")                       \
    X(POLLING, "polling", "no change notifications here: checking from time to time")              \
    X(OVERFLOW, "overflow", "change notifications were lost; everything was checked")              \
    X(UNFINISHED, "unfinished-line", "a file ended within a line")                                 \
    X(CUT, "cut-line", "a line was longer than 64 KiB")                                            \
    X(NULS, "nul-bytes", "NUL bytes (or a hole) at the beginning of a line were skipped")          \
    X(DAMAGED, "damaged", "a compressed file or a journal file is damaged")                        \
    X(BACKFILL, "backfill", "a rotated file is read")                                              \
    X(ASIDE, "set-aside", "a rotated file is not read, although it may be new")                    \
    X(BEYOND, "beyond-limit", "there are more files or hosts than can be read")                    \
    X(TWICE, "named-twice", "two names show one file; it is read once")                            \
    X(ALIKE, "same-lines", "two files have the same lines; they count once")                       \
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

/* Where to start reading what the saved position does not mention. A file or host that appears
 * later is always read from its beginning. */
enum source_start {
    SOURCE_BEGIN,
    SOURCE_END,
    SOURCE_SINCE, /* files: rotated ones too, each as a whole, if written to at or after `since` */
    /* Before the end, as much as shows what is in it, in no order of several files; Kafka: as
     * SOURCE_END. */
    SOURCE_LAST,
};

/* What source_run returns, or -errno. SOURCE_WAIT: there may be more, but none has come yet. */
enum source_result { SOURCE_IDLE, SOURCE_MORE, SOURCE_WAIT };

/* A duration of 0 stands for the default in brackets. */
struct source_options {
    struct source_sink sink;
    const char *position; /* from source_position; NULL, or one of another kind of source: none */
    enum source_start start;
    wall_us since;
    dur_us grace;   /* files: close an old file after this long without growth [5 s] */
    dur_us cap;     /* files: or this long after its successor's first line [60 s] */
    dur_us recheck; /* how often to look at everything even if nothing happens [60 s] */
    dur_us poll;    /* likewise where changes are not notified [5 s] */
};

const char *source_note_name(enum source_note note); /* "gap" */
const char *source_note_sentence(enum source_note note);

#endif
