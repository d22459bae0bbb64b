/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the lists of messages that wait for their origin and of finished messages,
 *               and forgets messages that have been silent too long.
 * Doesn't know: what a message waits for.
 * Owns:         the lists, which are part of struct tracker.
 * Time:         event time in seconds, given.
 * Fails:        when memory is short, a message is not listed: it doesn't wait, or a finished one
 *               stays until a sweep or an eviction forgets it.
 */
#ifndef RELAYWATCH_TRACK_TRACKER_LISTS_H
#define RELAYWATCH_TRACK_TRACKER_LISTS_H

#include "track/tracker.h"

/* Lets the message wait for its origin for limits.grace_s. One that waits already is left alone. */
void tracker_wait(struct tracker *t, struct message *m, uint32_t now_s);
/* Takes the host's next message whose wait is over off the list; NULL if there is none. With
 * now_s = UINT32_MAX every wait is over. */
struct message *tracker_waited(struct tracker *t, uint16_t host, uint32_t now_s);
/* Within limits.grace_s, deliveries to so many recipients of m are expected. */
void tracker_expect(struct tracker *t, const struct message *m, uint32_t nrcpt, uint32_t now_s);
/* Takes the host's next message whose deliveries are due off the list, like tracker_waited. */
struct message *tracker_expected(struct tracker *t, uint16_t host, uint32_t now_s,
                                 uint32_t *ret_nrcpt);
/* When something is next due on that host: a wait is over, a finished message is to be forgotten;
 * UINT32_MAX if nothing is. */
uint32_t tracker_next_due(const struct tracker *t, uint16_t host);
/* Sets the state to MESSAGE_GONE and keeps the message for late links. At the bound the
 * host's oldest finished message is forgotten, so m itself may be if the bound is 0. */
void tracker_finish(struct tracker *t, struct message *m, uint32_t now_s);
/* Forgets the host's finished messages that have been kept long enough. */
void tracker_drop_finished(struct tracker *t, uint16_t host, uint32_t now_s);
/* Forgets silent messages of a host. Call it for every minute of its event time (counted from
 * 1970): each call visits a tenth of them, and the minute alone decides which. */
void tracker_sweep(struct tracker *t, uint16_t host, uint32_t minute);
/* True if sweeps of that host have nothing to look at. */
static inline bool tracker_is_idle(const struct tracker *t, uint16_t host)
{
    return host >= t->host_room || !t->host[host].words;
}

/* The entries in the hosts' lists. */
uint32_t tracker_count_waiting(const struct tracker *t);
uint32_t tracker_count_finished(const struct tracker *t);

/* Forgets all messages of a host, counted like those that were silent too long. */
void tracker_forget_host(struct tracker *t, uint16_t host);
/* Gives all messages of a source to another one of the same host. */
void tracker_move(struct tracker *t, uint16_t from, uint16_t to);

/* Forgets messages, counted, until all fit into limits.bytes: those first that take more than an
 * even share, so that long texts drive nobody out who has short ones. */
void tracker_evict_for_bytes(struct tracker *t);
/* Evicts, counted, what is beyond the limits. */
void tracker_fit(struct tracker *t);
/* Replaces the limits and applies them. */
void tracker_set_limits(struct tracker *t, const struct tracker_limits *limits);
/* Makes the next sweeps check every message; needed when the allowed ages have changed. */
void tracker_look_at_all(struct tracker *t);

#endif
