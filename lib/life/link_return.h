/* SPDX-License-Identifier: MIT */
/*
 * Does:         links mail that this host gave to something on itself and got back under a new
 *               queue ID that no record names: through a filter that answers no ID, a pipe(8)
 *               service, or a mailbox that forwards.
 * Doesn't know: replies that name an ID (link_hop.h).
 * Owns:         nothing; its tables are in struct lifecycle.
 * Time:         as in lifecycle_core.h.
 * Fails:        where no link is certain none is made; an entry that makes room while its message
 *               may still come back is counted.
 *
 * What comes back has the message-id and the sender of what went in, and is brought by pickup or by
 * this host itself. With the same recipient it is the same message (filter); with another one, the
 * mail for a mailbox goes on (forward): so does a mailing list's, under an address of the list. A
 * stranger can choose message-ids, senders and recipients, but not that his mail comes from here;
 * a local user can borrow a message-id and a sender, for FORWARDS_MAX recipients of each mail that
 * was delivered here, and no more.
 */
#ifndef RELAYWATCH_LIFE_LINK_RETURN_H
#define RELAYWATCH_LIFE_LINK_RETURN_H

#include "life/lifecycle_core.h"

/* The message's acceptance or message-id is known now: once it is both, it waits if it may be
 * another one that came back, and is resolved if it can't be. */
void link_return_named(struct lifecycle *life, struct message *m);
/* A delivery record of m was applied, for r: it was delivered to something on this host, or else
 * shows where m itself came from. extra: the hash of orig_to=, 0 where there is none. */
void link_return_delivered(struct lifecycle *life, struct message *m, const struct recipient *r,
                           uint32_t extra);

#endif
