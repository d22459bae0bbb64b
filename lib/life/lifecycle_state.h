/* SPDX-License-Identifier: MIT */
/*
 * Does:         begins and ends messages, moves them from state to state, and finds the message
 *               that a record is about.
 * Doesn't know: what each record means; roots and links (lifecycle_core.h).
 * Owns:         nothing; works on a borrowed tracker. A pointer to a message is good until the next
 *               call that may begin or end one.
 * Time:         as in lifecycle_core.h.
 * Fails:        if memory is short, a new message is NULL, and counted.
 *
 * The usual way of a message (lifecycle_state.c has the whole table):
 *
 *            client= uid= message-id=          (queue active)
 *   (nothing) ----------------------> NEW ---------------------> QUEUED <---> HELD
 *                                      |  refused                  |           |
 *                                      +---------> GONE <----------+-----------+  removed, requeued
 *
 * Short queue IDs are reused, so a record that begins a message ends the old one under that ID.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_STATE_H
#define RELAYWATCH_LIFE_LIFECYCLE_STATE_H

#include "life/lifecycle_core.h"

enum lifecycle_event {
    LIFECYCLE_ACCEPT, /* client=, uid= */
    LIFECYCLE_TEXT,   /* message-id= */
    LIFECYCLE_ACTIVE,
    LIFECYCLE_DELIVERY,
    LIFECYCLE_END,
    LIFECYCLE_HOLD,
    LIFECYCLE_RELEASE,
    LIFECYCLE_COUNT
};

/* Judges and forgets m, so that a new message can begin under the same key. */
void lifecycle_end(struct lifecycle *life, struct message *m);
/* Moves m, the message that a record is about, to its next state, except GONE. Begins a new message
 * if m is NULL or the event starts a new one; NULL if memory is short. */
struct message *lifecycle_go_to(struct lifecycle *life, struct message *m, uint16_t source,
                                struct queue_id id, enum lifecycle_event event);
/* The same, but finds the message first. */
struct message *lifecycle_message_for(struct lifecycle *life, uint16_t source, struct queue_id id,
                                      enum lifecycle_event event);
/* It was removed, refused, or continues under a new ID. */
void lifecycle_leave_queue(struct lifecycle *life, struct message *m);
/* The message with that ID on the same host, in any queue. Prefers one that is not gone, then this
 * instance's, then the newest. */
struct message *lifecycle_find_on_host(struct lifecycle *life, uint16_t source, struct queue_id id);
/* The child that a parent's record names, made if it isn't there yet. NULL if it was judged without
 * its parent already, or if memory is short. */
struct message *lifecycle_child_for(struct lifecycle *life, uint16_t source, struct queue_id id);

const char *state_name(enum message_state state);

#endif
