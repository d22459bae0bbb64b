/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the settings and asks Postfix again on SIGHUP, in a thread of its own, then
 *               replaces the daemon's settings and site in the loop.
 * Doesn't know: what the settings mean to the parts that get them.
 * Owns:         the thread, its pipe, and the new settings until they are swapped in.
 * Time:         asking Postfix may take seconds; hence the thread.
 * Fails:        bad settings are logged, and the old ones stay in force.
 *
 * The thread writes only daemon->next and next_status. The loop touches neither until a byte in the
 * pipe says that the thread is done.
 */
#ifndef RELAYWATCH_SERVICE_RELOAD_H
#define RELAYWATCH_SERVICE_RELOAD_H

#include "service/daemon.h"

bool reload_init(struct daemon *daemon);
/* A reload that is asked for during another one follows it. */
void reload_start(struct daemon *daemon);
/* Waits for the thread. */
void reload_done(struct daemon *daemon);

#endif
