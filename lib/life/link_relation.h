/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides whether one message may be another one that came back to this host: from a
 *               filter, from a mailbox that forwards, or from a mailing list.
 * Doesn't know: how the two are found (link_return.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        if it isn't certain, they are not related.
 *
 * Mail that comes back has the message-id and the sender of the mail that went in, and arrives
 * through pickup or from this host. With the same recipient it is the same message (filter); with
 * another recipient it is mail that a mailbox forwards. A mailing list to which the mail was
 * delivered forwards it under a sender of its own. A stranger can choose message-id, sender and
 * recipients, but can't make his mail come from here. From a machine near by comes back only what
 * was delivered to its own address. A local user can borrow a message-id and a
 * sender, but not those of his own mail, and only for as many recipients as hops_may_add
 * allows.
 */
#ifndef RELAYWATCH_LIFE_LINK_RELATION_H
#define RELAYWATCH_LIFE_LINK_RELATION_H

#include "life/lifecycle_core.h"

/* Mail that arrived through pickup, from this host or from a machine near by, and that no record
 * has explained yet. */
bool relation_may_be_child(const struct message *m);
/* True if it arrived without a message-id. If Postfix has made one for it since, that tells nothing
 * about where the mail came from. */
bool relation_came_without_id(const struct message *m);
/* The key of c by a recipient: with its message-id, or its sender if it came without one. */
uint64_t relation_key(const struct lifecycle *life, const struct message *c, uint64_t recipient);
/* p came of c: filters in a row give one message-id to more than two messages. */
bool relation_is_descendant(struct lifecycle *life, const struct message *p,
                            const struct message *c);
/* True if c may still turn out to have come from p. */
bool relation_may_be_parent(struct lifecycle *life, const struct message *p, struct message *c);
/* c's message-id is o's: whether c may have come of it. A stranger may look like a machine near by
 * (NAT): his mail is held up only while o is on its way to where it could come back from, or came
 * from there itself. */
bool relation_may_claim(struct lifecycle *life, struct message *o, const struct message *c);
/* The origin of c if it came from p; ORIGIN_NONE if it didn't, or if that isn't certain. extra: the
 * hash of orig_to= in c's latest record, or 0. */
enum origin relation_of(struct lifecycle *life, struct message *p, struct message *c,
                        uint64_t extra);
/* True if c may have come from p by a machine behind a balancer's address, had not another mail
 * from there taken its place: whether that came of c has to be asked (relation_after). */
bool relation_may_be_between(struct lifecycle *life, struct message *p, struct message *c,
                             uint64_t extra);
/* True if of all that came from elsewhere, p's message-id is only that of one message. What is from
 * here with it then came of that, whichever way. */
bool relation_is_only_one(struct lifecycle *life, const struct message *p);
/* p's recipient r was delivered here. If what came back of p is known already, and has that
 * recipient, or is known by name (orig_queue_id=), and has none yet, r has come back. */
void relation_came_back_before(struct lifecycle *life, const struct message *p,
                               struct recipient *r);
/* What p's recipient r was delivered to gave its mail back, as c: notes what that tells of it. */
void relation_gave_back(struct lifecycle *life, const struct message *p, const struct message *c,
                        const struct recipient *r);
/* The hash of the address that r came for, where that is kept and another; or 0. */
uint64_t relation_orig(const struct lifecycle *life, const struct recipient *r);
/* p's recipient that came back as r, or NULL. Mail that now goes to a filter or a mailbox did not
 * come back from there. */
struct recipient *relation_match(struct message *p, const struct recipient *r);
/* How many of c's recipients came back from p. extra: as for relation_of. */
uint32_t relation_matches(struct message *p, struct message *c, uint64_t extra);
/* How many of them p has at all: a reply may have named what some recipients came back as. */
uint32_t relation_known(struct message *p, struct message *c, uint64_t extra);
/* True if all of p's recipients that c may have come for have come back already, in another. */
bool relation_has_come_back(struct message *p, struct message *c, uint64_t extra);
/* They have now, in c; or not after all. */
void relation_set_come_back(struct message *p, struct message *c, uint64_t extra, bool to);
/* The message that came back from p, and that may have come of c: then c, which may have come of p,
 * stands between the two. NULL if there is none. */
struct message *relation_after(struct lifecycle *life, struct message *p, struct message *c);
/* Something took it that is no filter or instance: a mailbox, which may forward. */
bool relation_is_mailbox(const struct lifecycle *life, const struct recipient *r);

#endif
