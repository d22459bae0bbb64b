/* SPDX-License-Identifier: MIT */
/*
 * Does:         looks whether attacks may go unseen just now: the log can't be read, isn't there,
 *               stands still while Postfix works, has an unknown form, lies beyond a bound, or
 *               Postfix logs elsewhere. Tells it as the site warning "blind", and its end.
 * Doesn't know: how a source works.
 * Owns:         its timer; what it found is runtime.blindness.
 * Time:         the monotonic clock; the wall clock is compared with the times of Postfix's queue.
 * Fails:        never.
 *
 * Silence is told by a sign that needs no privilege: Postfix's queue changed after the last line
 * of Postfix that was read, and SILENT_AFTER later there still is none. A quiet server has a quiet
 * queue, so the night raises nothing. What that can't tell:
 * - a Postfix whose queue lies elsewhere: another instance's, another machine's, a container's;
 * - a Postfix that only refuses mail: nothing comes into its queue;
 * - one host of many that falls silent while lines of others come;
 * - a log that stood still already before the daemon started, until the queue changes again.
 */
#ifndef RELAYWATCH_SERVICE_SIGHT_H
#define RELAYWATCH_SERVICE_SIGHT_H

#include "service/daemon.h"

bool sight_start(struct daemon *daemon);
void sight_stop(struct daemon *daemon);
/* Call when the source has been read to its end: looks if the last look is a second ago. */
void sight_look_soon(struct daemon *daemon);
/* Call after a reload. */
void sight_look(struct daemon *daemon);

#endif
