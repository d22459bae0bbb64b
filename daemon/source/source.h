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

#include "source/source_types.h"

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
