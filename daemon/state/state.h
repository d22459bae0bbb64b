/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps places in the logs and the pipeline's state in one file, so that a restart
 *               goes on exactly where the last save was; never loses a good one.
 * Doesn't know: the event loop, when to save, what a place means.
 * Owns:         the lock on the directory, the places, a child that saves; pipelines are the
 *               caller's.
 * Time:         the system's clock for the name of what is put aside; nothing else.
 * Fails:        negative errno, and state_error says it in words. Whatever happens while saving,
 *               the file that was there stays; what can't be read is put aside as state.bad-TIME,
 *               said, and counts as missing.
 *
 * In the directory: `state`, the one before it as `state.prev`, `state.tmp` while it is written.
 * The format is: magic, version, generation, length, CRC-32 of all that; places; snapshot.
 *
 * Save between two calls of source_run and with the place as it is then: effects and place are then
 * of one moment. state_save_start forks, and the child writes what it has inherited, so that
 * following goes on; it needs the memory that both change meanwhile. SIGCHLD is the caller's: it
 * passes every child that it reaps to state_child_ended. One thread.
 */
#ifndef RELAYWATCH_STATE_STATE_H
#define RELAYWATCH_STATE_STATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "engine/pipeline.h"
#include "state/state_limits.h"

struct state;

/* Creates the directory (0700) where it is missing, and locks it. -EBUSY: another process has it,
 * and kept it for two seconds (a child of one that was killed may still be writing). */
int state_open(const char *dir, struct state **ret, char *why);
/* Ends a child that is saving; what it has not finished is lost. NULL is allowed. */
void state_close(struct state *state);

/* The newest that is good. 1: *ret is it, its places are in the state; 0: there is none; -ENOMEM.
 * `why`, of STATE_WHY_MAX bytes, says what was wrong with those that were not good, or is "". */
int state_load(struct state *state, const struct pipeline_options *options, struct pipeline **ret,
               char *why);

/* The place of a source ("files", "journal"), or NULL; good until the next save or load. ret_at_s:
 * event time when it was saved: lines up to then are counted, whichever source they came from, and
 * where it is before the pipeline's now_s another source was followed since. */
const char *state_position(const struct state *state, const char *id, uint32_t *ret_at_s);

/* 0: a child is on it; -EBUSY: one is still at the last; else nothing was begun. place replaces
 * that of the source `id`; those of other sources stay. */
int state_save_start(struct state *state, const struct pipeline *p, const char *id,
                     const char *place);
/* The same at once, in this process: for the stop. A child that is saving is ended first. */
int state_save_now(struct state *state, const struct pipeline *p, const char *id,
                   const char *place);
/* For each child that was reaped. True where it was ours; state_error then says how it went. */
bool state_child_ended(struct state *state, pid_t pid, int status);
bool state_is_saving(const struct state *state);

/* How the last save that ended went: "" or what went wrong. */
const char *state_error(const struct state *state);
/* Seconds to wait before trying again after a failure: 1, 2, 4 ... 60; 0 where all is well. */
unsigned state_retry_s(const struct state *state);
/* Counts the saves, through all restarts. */
uint64_t state_generation(const struct state *state);

#endif
