/* SPDX-License-Identifier: MIT */
/*
 * Does:         follows log files or the journal and hands over every line or entry exactly once,
 *               across rotation, truncation, vacuum and restarts; says what it could not read.
 * Doesn't know: the event loop, Postfix, what a line means, where the place is kept.
 * Owns:         descriptors, watches, buffers. Text handed to a callback is borrowed: good until
 *               the callback returns. Options and place are read during open only.
 * Time:         now_us is CLOCK_MONOTONIC in microseconds and is passed in; deadlines are on the
 *               same clock. since and written are wall time. The files' own times are the disk's.
 * Fails:        negative errno. A file, directory or journal that is missing or may not be read is
 *               no failure: it is noted and waited for. source_run fails only for good (-ENOMEM).
 *
 * How to use it: open; then, whenever source_fd is readable, source_deadline_us has passed, or the
 * last call said SOURCE_MORE, call source_run. Between two calls of source_run, source_place is
 * exact: what was handed over is before it, everything else is behind it. So effects and place that
 * are saved together, between two calls, count every line once even across kill -9. No callback may
 * call back into the source.
 *
 * One thread. Open after the last fork: libsystemd refuses a handle of the parent.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_H
#define RELAYWATCH_SOURCE_SOURCE_H

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

/* files: blank-separated paths and globs. rotated: blank-separated directories where rotated files
 * are looked for besides the file's own; "" or NULL for none. -EINVAL: no path, or a path that is
 * not absolute. */
int source_open_files(const char *files, const char *rotated, const struct source_options *options,
                      int64_t now_us, struct source **ret);
int source_open_journal(const struct source_journal_options *journal,
                        const struct source_options *options, int64_t now_us, struct source **ret);
/* For reading once, from head to end: .journal files and directories of them. Only sink is used of
 * the options. source_run gives SOURCE_IDLE at the end; nothing is watched. */
int source_open_journal_files(const char *const *paths, size_t count, bool check_sender,
                              const struct source_options *options, struct source **ret);
/* NULL is allowed. */
void source_close(struct source *source);

enum source_result { SOURCE_IDLE, SOURCE_MORE };

/* Hands over about `budget` lines or entries (a file counts 128 bytes as a line). SOURCE_MORE: call
 * again soon, there is more; SOURCE_IDLE: wait; or -errno. */
int source_run(struct source *source, int64_t now_us, size_t budget);
/* Whether it goes on from the place it was given, in part at least; else all of it is new. */
bool source_resumed(const struct source *source);
/* To be polled for reading, as long as the source is open; -1 where there is none. */
int source_fd(const struct source *source);
/* When source_run wants to be called although nothing happened: 0 for at once, INT64_MAX for
 * never. */
int64_t source_deadline_us(const struct source *source);

/* JSON, for the option `place` of a later run. The caller frees it; NULL when memory is short. */
char *source_place(const struct source *source);
/* Bytes (files) that are known to be unread; 0 for a journal. */
uint64_t source_behind(const struct source *source);
/* How often each note was due (bytes for NULS, messages for SUPPRESSED), also where the callback
 * was spared the repetition. Indexed by enum source_note. */
const uint64_t *source_counters(const struct source *source);
const char *source_note_name(enum source_note note); /* "gap" */
const char *source_note_sentence(enum source_note note);

#endif
