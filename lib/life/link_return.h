/* SPDX-License-Identifier: MIT */
/*
 * Does:         links mail that was delivered to something on this host and came back under a new
 *               queue ID that no record names: through a filter whose reply has no ID, a pipe(8)
 *               service, or a mailbox that forwards.
 * Doesn't know: replies that name an ID (link_hop.h), which message may come of which
 *               (link_relation.h).
 * Owns:         nothing; its tables are in struct lifecycle.
 * Time:         as in lifecycle_core.h.
 * Fails:        if no link is certain, none is made. If an entry is overwritten while its message
 *               may still come back, it is counted.
 */
#ifndef RELAYWATCH_LIFE_LINK_RETURN_H
#define RELAYWATCH_LIFE_LINK_RETURN_H

#include "life/lifecycle_core.h"

/* Call it when the sender has become known. */
void link_return_sender(struct lifecycle *life, struct message *m);
/* Call it when the acceptance or the message-id has become known. Once both are, the message waits
 * if it may be another one that came back, and a local one is resolved if it can't be. */
void link_return_named(struct lifecycle *life, struct message *m);
/* True if m's wait is over, but mail that it may have come back from is still being delivered: a
 * filter's script that goes on after it gave the mail back. m must wait on. */
bool link_return_must_wait(struct lifecycle *life, struct message *m);
/* Call it when a delivery record of m for r was applied. If it was delivered to something on this
 * host, others may come back from there; and its recipient may show where m itself came from.
 * extra: the hash of orig_to=, or 0; added: r is new. */
void link_return_delivered(struct lifecycle *life, struct message *m, const struct recipient *r,
                           uint64_t extra, bool added);
/* Call it when the wait of m is over. */
void link_return_waited(struct lifecycle *life, struct message *m);

#endif
