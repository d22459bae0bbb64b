/* SPDX-License-Identifier: MIT */
/*
 * Does:         reaps child processes and passes each to whoever started it.
 * Doesn't know: what the children did.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; an unknown child is reaped and forgotten.
 */
#ifndef RELAYWATCH_SERVICE_CHILDREN_H
#define RELAYWATCH_SERVICE_CHILDREN_H

#include "service/daemon.h"

/* Call on SIGCHLD. During a reload it only takes note: the reload thread waits for children of its
 * own (postconf), and calls this again when it is done. */
void children_reap(struct daemon *daemon);

#endif
