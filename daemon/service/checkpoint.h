/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides when to save the state: a while after a change, at once after an alert, and
 *               at the end. Finds the saved position of the current source.
 * Doesn't know: how a state is written (state/state.h).
 * Owns:         nothing; the save timer is the daemon's.
 * Time:         the event base's timers; the wall clock for "saved at".
 * Fails:        logs a failed save once, and retries until one succeeds.
 */
#ifndef RELAYWATCH_SERVICE_CHECKPOINT_H
#define RELAYWATCH_SERVICE_CHECKPOINT_H

#include <sys/types.h>

#include "service/daemon.h"

/* Saves within [limits] save_every from now, unless a save is due earlier. */
void checkpoint_soon(struct daemon *daemon);
/* Saves now, or as soon as the current line or save is finished. */
void checkpoint_now(struct daemon *daemon);
/* Saves in this process, before the daemon ends. */
void checkpoint_final(struct daemon *daemon);
/* True if that child was saving. */
bool checkpoint_child_ended(struct daemon *daemon, pid_t pid, int status);

/* Where the current source was left, or NULL. An older position than the state counts as none:
 * another source was followed since, and reading on from there would count everything twice.
 * Borrowed until the next save. */
const char *checkpoint_position(const struct daemon *daemon);

#endif
