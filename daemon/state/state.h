/* SPDX-License-Identifier: MIT */
/*
 * Does:         saves positions in the logs and the pipeline's state in one file, so that a restart
 *               resumes exactly at the last save; never loses a good file.
 * Doesn't know: the event loop, when to save, what a position means.
 * Owns:         the lock on the directory, the positions, a child that saves. Pipelines are the
 *               caller's.
 * Time:         the wall clock, for the name of a file put aside.
 * Fails:        negative errno, and state_error says it in words. Whatever happens during a save,
 *               the old file stays; an unreadable one is put aside as state.bad-TIME, reported, and
 *               counts as missing.
 *
 * In the directory: `state`, the one before it as `state.prev`, and `state.tmp` during a save.
 * Format: magic, version, generation, length, CRC-32 of all that; positions; snapshot.
 *
 * Save between two calls of source_run, with the position as it is then, so that effects and
 * position belong to the same moment. state_save_start forks, and the child writes what it
 * inherited while the parent reads on; it costs the memory that the parent changes meanwhile.
 * SIGCHLD is the caller's: it passes every child it reaps to state_child_ended. One thread.
 */
#ifndef RELAYWATCH_STATE_STATE_H
#define RELAYWATCH_STATE_STATE_H

#include "state/state_file.h"

struct state;

/* Creates the directory (0700) if it is missing, and locks it. -EBUSY: another process held the
 * lock for two seconds (a child of a killed daemon may still be writing). `why` has STATE_WHY_MAX
 * bytes. */
int state_open(const char *dir, struct state **ret, char *why);
/* With other system calls, for tests. */
int state_open_with(const struct state_ops *ops, const char *dir, struct state **ret, char *why);
/* Kills a child that is saving: that save is lost. NULL is allowed. */
void state_close(struct state *state);

/* Loads the newest good file. 1: *ret is its pipeline, and its positions are loaded; 0: there is
 * none; -ENOMEM. `why`, of STATE_WHY_MAX bytes, says what was wrong with bad files, or is "". */
int state_load(struct state *state, const struct pipeline_options *options, struct pipeline **ret,
               char *why);

/* The saved position of a source ("files", "journal"), or NULL; borrowed until the next save or
 * load. ret_at_s: event time when it was saved. Lines up to then are counted, whichever source they
 * came from; if it is earlier than the pipeline's now_s, another source was followed since. */
const char *state_position(const struct state *state, const char *id, uint32_t *ret_at_s);

/* The positions not older than since_s, of sources that were followed at the same time, one at each
 * call; *at is 0 at first. NULL: that was all. Borrowed likewise. */
const char *state_next_position(const struct state *state, uint32_t *at, uint32_t since_s,
                                const char **ret_id);
/* Replaces the position of one more source; call it just before a save. Negative errno. */
int state_set_position(struct state *state, const struct pipeline *p, const char *id,
                       const char *position);

/* 0: a child is saving; -EBUSY: one is still busy with the last save; else nothing was started.
 * `position` replaces that of the source `id`; those of other sources stay. */
int state_save_start(struct state *state, const struct pipeline *p, const char *id,
                     const char *position);
/* The same in this process, for the shutdown. Kills a child that is saving. */
int state_save_now(struct state *state, const struct pipeline *p, const char *id,
                   const char *position);
/* Call for each reaped child. True if it was ours; state_error then says how it went. */
bool state_child_ended(struct state *state, pid_t pid, int status);
bool state_is_saving(const struct state *state);

/* "" if the last finished save succeeded, else what went wrong. */
const char *state_error(const struct state *state);
/* Seconds to wait before retrying after a failure: 1, 2, 4 ... 60; 0 if all is well. */
unsigned state_retry_s(const struct state *state);

#endif
