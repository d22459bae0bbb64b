/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the lists of messages that wait for their origin, and of those that are
 *               finished; forgets what has been silent too long.
 * Doesn't know: what a message waits for.
 * Owns:         the lists, in the tracker.
 * Time:         event time in seconds, given.
 * Fails:        short of memory, a message is not listed: it does not wait, or goes at once.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_LISTS_H
#define RELAYWATCH_TRACK_TRACKER_LISTS_H

#include "track/tracker.h"

/* Waits for its origin until grace_s from now. */
void tracker_wait(struct tracker *t, struct message *m, uint32_t now_s);
/* The next one whose wait is over, taken off the list, or NULL. UINT32_MAX takes them all. */
struct message *tracker_waited(struct tracker *t, uint32_t now_s);
/* When the next one's wait is over, seconds; UINT32_MAX: none waits. */
uint32_t tracker_next_waited(const struct tracker *t);
/* Puts it among the finished, where the oldest makes room. */
void tracker_finish(struct tracker *t, struct message *m, uint32_t now_s);
/* Forgets finished ones whose time is over. */
void tracker_drop_finished(struct tracker *t, uint32_t now_s);
/* Forgets silent ones; once for every minute (of event time, since 1970). Each time it looks at
 * every tenth 64 slots, and which these are hangs on nothing but the minute. */
void tracker_sweep(struct tracker *t, uint32_t minute);

/* After the limits became smaller: gives up what is beyond them, counted. */
void tracker_fit(struct tracker *t);
/* Other limits from now on. */
void tracker_set_limits(struct tracker *t, const struct tracker_limits *limits);
/* The ages allowed are others now: the next sweeps look at every message. */
void tracker_look_at_all(struct tracker *t);

#endif
