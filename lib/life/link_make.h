/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes a link that was found: c came of p. What comes later, a recipient or the
 *               sender, may move it to another message, or undo it.
 * Doesn't know: how links are found (link_search.h), or when to look (link_return.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        -
 *
 * extra: the hash of orig_to= of c's latest recipient, or 0.
 */
#ifndef RELAYWATCH_LIFE_LINK_MAKE_H
#define RELAYWATCH_LIFE_LINK_MAKE_H

#include "life/link_search.h"

/* c came of p, as a filter's, a mailbox's or a list's (origin). */
void link_make(struct lifecycle *life, struct message *p, struct message *c, enum origin origin,
               uint64_t extra);
/* The same of what a search has found: with a message between, which may have been counted. */
void link_make_found(struct lifecycle *life, struct message *c, const struct link_finding *found,
                     uint64_t extra);
/* If p had more of c's recipients than the mail that c is linked to, c came of p. True then. */
bool link_make_better(struct lifecycle *life, struct message *p, struct message *c, uint64_t extra);
/* c has another recipient, r, after its link was made. Beyond what a mailbox forwards to, somebody
 * borrowed a message-id. What a filter adds, hops.c counts. */
void link_make_for_added(struct lifecycle *life, struct message *c, const struct recipient *r,
                         uint64_t extra);
/* The sender of c is known now. Before, c was linked to mail of the same message-id and recipient:
 * if that has another sender, c looks for another parent. Nothing was judged yet. */
void link_make_for_sender(struct lifecycle *life, struct message *c);

#endif
