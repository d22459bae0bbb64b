/* SPDX-License-Identifier: MIT */
/*
 * Does:         follows log files or the journal and hands over every line or entry exactly once,
 *               across rotation, truncation, vacuuming and restarts; reports what it could not
 *               read.
 * Doesn't know: the event loop, Postfix, what a line means, where the position is saved.
 * Owns:         descriptors, watches, buffers. Options are read during open only.
 * Time:         now_us is CLOCK_MONOTONIC in microseconds, passed in; deadlines are on the same
 *               clock. Files' times of birth and last write come from the disk.
 * Fails:        negative errno. A file, directory or journal that is missing or unreadable is not a
 *               failure: it is noted and waited for. source_run fails only for good (-ENOMEM).
 *
 * Usage: open with source_open_files (source_file.h), source_open_journal (source_journal.h)
 * or source_open_kafka (source_kafka.h).
 * Call source_run whenever source_fd is readable, source_deadline_us has passed, or the last call
 * returned SOURCE_MORE. Between two calls source_position is exact: everything before it was handed
 * over, everything after it was not. Saving the effects and the position together, between two
 * calls, thus counts every line once, even across kill -9. Callbacks must not call back into the
 * source.
 *
 * One thread. Open after the last fork: libsystemd refuses to use a parent's handle.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_H
#define RELAYWATCH_SOURCE_SOURCE_H

#include "source/blind.h"
#include "source/source_options.h"

struct source;

/* NULL is allowed. */
void source_close(struct source *source);

/* Hands over to another sink from now on. */
void source_set_sink(struct source *source, const struct source_sink *sink);
/* Hands over about `budget` lines or entries (a file counts 128 bytes as a line). SOURCE_MORE:
 * there is more, call again soon; SOURCE_IDLE: wait; SOURCE_WAIT: wait, too, but what there was at
 * the start has not been read yet; or -errno. */
int source_run(struct source *source, int64_t now_us, size_t budget);
/* Whether it resumed, at least in part, from the position it was given; else all of it is new. */
bool source_resumed(const struct source *source);
/* To be polled for reading while the source is open; -1 if there is none. */
int source_fd(const struct source *source);
/* Sleeps for up to that long; true: there is something to read. */
bool source_sleep(const struct source *source, int timeout_ms);
/* When to call source_run even if nothing happens: 0 is at once, INT64_MAX never. */
int64_t source_deadline_us(const struct source *source);

/* JSON, for source_options.position of a later run. The caller frees it; NULL if out of memory. */
char *source_position(const struct source *source);
/* Bytes of files known to be unread; 0 for a journal. */
uint64_t source_behind(const struct source *source);
/* What can't be read just now, and why. */
void source_each_blind(const struct source *source, int64_t now_us, blind_visit *visit, void *ctx);
/* Whether it has handed over all that another source of the same log has, which was at its end just
 * now. */
bool source_has_all_of(const struct source *source, const struct source *other);
/* When the log was last written to, as far as it can be seen; WHEN_UNKNOWN: it can't. */
wall_us source_written(const struct source *source);
/* How often each note occurred, including repetitions the callback was spared. NULS counts bytes,
 * SUPPRESSED messages. Indexed by enum source_note. */
const uint64_t *source_counters(const struct source *source);

#endif
