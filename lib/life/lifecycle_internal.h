/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the files that apply records ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in life.h.
 * Fails:        as in life.h.
 *
 * life.c has the states, the links and the waiting; life_accept.c what acceptances say;
 * life_delivery.c what delivery records say: where a message went, and which others it became;
 * life_pipe.c and life_proxy.c the filters that no record names.
 */
#ifndef RELAYWATCH_LIFE_INSIDE_H
#define RELAYWATCH_LIFE_INSIDE_H

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
struct message *life_begin(struct life *life, uint16_t source, struct queue_id id);
/* Makes room for a new message under the same key. */
void life_end(struct life *life, struct message *m);
/* From now on `child` came of `parent`. */
void life_set_parent(struct life *life, struct message *child, struct message *parent,
                     enum origin origin);
/* Takes over what the chain's first message says of itself; false while the parent does not
 * know. */
bool life_inherit(struct life *life, struct message *m);
/* The message with that ID on the same host, in whichever instance. */
struct message *life_find_on_host(struct life *life, uint16_t source, struct queue_id id);
/* Its root is final. */
void life_resolve(struct life *life, struct message *m, enum origin root);
/* The message a record is about, made where there is none (m is NULL), in the state it has after
 * it; NULL when memory is short. */
struct message *life_go_to(struct life *life, struct message *m, uint16_t source,
                           struct queue_id id, enum event event);
/* The same where it has to be found. */
struct message *life_message_for(struct life *life, uint16_t source, struct queue_id id,
                                 enum event event);
/* Enough is known of it to be judged. */
bool life_is_ready(const struct message *m);
/* A child that is named by its parent's record: there already, or not yet. NULL: it is too late. */
struct message *life_child_for(struct life *life, uint16_t source, struct queue_id id);
/* Whether the address is one of this host. */
bool life_comes_from_itself(const struct life *life, struct span address);

/* life_pipe.c: a filter's pipe(8) service was given the message for the record's recipient. */
void life_piped_to(struct life *life, struct message *m, const struct record *rec);
/* Before a delivery record is applied: a local user's message may be one that such a service gave
 * back, as its first recipient shows, and is then the other's child, until a recipient shows that
 * it is not. */
void life_came_back(struct life *life, struct message *c, const struct record *rec);

/* Says who brought it, and so where it came from. The texts are borrowed; account may be NULL. */
void life_brought_by(struct life *life, struct message *m, struct text *client,
                     struct text *account);

/* life_proxy.c: a process that has no queue file got mail from a client, and passed it on. */
void life_proxy_client(struct life *life, uint16_t source, const struct record *rec);
void life_proxy_accept(struct life *life, uint16_t source, const struct record *rec);
void life_proxy_done(struct life *life);

/* life_accept.c */
void life_client(struct life *life, uint16_t source, const struct record *rec);
void life_pickup(struct life *life, uint16_t source, const struct record *rec);

/* life_delivery.c */
void life_delivery(struct life *life, uint16_t source, const struct record *rec);

#endif
