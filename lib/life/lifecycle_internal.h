/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the files that apply records ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in life.h.
 * Fails:        as in life.h.
 *
 * life.c has the states, the links and the waiting; lifecycle_accept.c what acceptances say;
 * lifecycle_delivery.c what delivery records say: where a message went, and which others it became;
 * lifecycle_pipe.c and lifecycle_proxy.c the filters that no record names.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_INTERNAL_H
#define RELAYWATCH_LIFE_LIFECYCLE_INTERNAL_H

#include "life/lifecycle.h"

enum event {
    EVENT_ACCEPT, /* client=, uid= */
    EVENT_TEXT,   /* message-id= */
    EVENT_ACTIVE,
    EVENT_DELIVERY,
    EVENT_END,
    EVENT_HOLD,
    EVENT_RELEASE,
    EVENT_COUNT
};

/* A new message; NULL when memory is short, counted. */
struct message *lifecycle_begin(struct lifecycle *life, uint16_t source, struct queue_id id);
/* Makes room for a new message under the same key. */
void lifecycle_end(struct lifecycle *life, struct message *m);
/* From now on `child` came of `parent`. */
void lifecycle_set_parent(struct lifecycle *life, struct message *child, struct message *parent,
                          enum origin origin);
/* Takes over what the chain's first message says of itself; false while the parent does not
 * know. */
bool lifecycle_inherit(struct lifecycle *life, struct message *m);
/* The message with that ID on the same host, in whichever instance. */
struct message *lifecycle_find_on_host(struct lifecycle *life, uint16_t source, struct queue_id id);
/* Its root is final. */
void lifecycle_resolve(struct lifecycle *life, struct message *m, enum origin root);
/* The message a record is about, made where there is none (m is NULL), in the state it has after
 * it; NULL when memory is short. */
struct message *lifecycle_go_to(struct lifecycle *life, struct message *m, uint16_t source,
                                struct queue_id id, enum event event);
/* The same where it has to be found. */
struct message *lifecycle_message_for(struct lifecycle *life, uint16_t source, struct queue_id id,
                                      enum event event);
/* Enough is known of it to be judged. */
bool lifecycle_is_ready(const struct message *m);
/* A child that is named by its parent's record: there already, or not yet. NULL: it is too late. */
struct message *lifecycle_child_for(struct lifecycle *life, uint16_t source, struct queue_id id);
/* Whether the address is one of this host. */
bool lifecycle_comes_from_itself(const struct lifecycle *life, struct span address);

/* lifecycle_pipe.c: a filter's pipe(8) service was given the message for the record's recipient. */
void link_pipe_given(struct lifecycle *life, struct message *m, const struct record *rec);
/* Before a delivery record is applied: a local user's message may be one that such a service gave
 * back, as its first recipient shows, and is then the other's child, until a recipient shows that
 * it is not. */
void link_pipe_returned(struct lifecycle *life, struct message *c, const struct record *rec);

/* Says who brought it, and so where it came from. The texts are borrowed; account may be NULL. */
void lifecycle_brought_by(struct lifecycle *life, struct message *m, struct intern *client,
                          struct intern *account);

/* lifecycle_proxy.c: a process that has no queue file got mail from a client, and passed it on. */
void link_proxy_client(struct lifecycle *life, uint16_t source, const struct record *rec);
void link_proxy_accepted(struct lifecycle *life, uint16_t source, const struct record *rec);
void link_proxy_done(struct lifecycle *life);

/* lifecycle_accept.c */
void lifecycle_client(struct lifecycle *life, uint16_t source, const struct record *rec);
void lifecycle_pickup(struct lifecycle *life, uint16_t source, const struct record *rec);

/* lifecycle_delivery.c */
void lifecycle_delivery(struct lifecycle *life, uint16_t source, const struct record *rec);

#endif
