/* SPDX-License-Identifier: MIT */
/*
 * Does:         learns under which names Postfix writes its own mail: myhostname from the
 *               message-ids that it makes, myorigin from local mail without a domain, and from
 *               its address probes.
 * Doesn't know: what follows for a sender under such a name (site_writes_as).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        what anybody but Postfix may have written teaches nothing. A stranger, a trusted
 *               client or a filter may send a message-id with a queue ID that he guessed, and
 *               anybody may call himself double-bounce@.
 */
#ifndef RELAYWATCH_LIFE_OWN_NAMES_H
#define RELAYWATCH_LIFE_OWN_NAMES_H

#include "life/lifecycle_core.h"

/* Call it when it becomes known that Postfix made the message-id, or who brought the message. */
void own_names_of_id(struct lifecycle *life, const struct message *m);
/* Call it when the sender becomes known, or who brought the message. */
void own_names_of_sender(struct lifecycle *life, const struct message *m);
/* Call it when all is known of m that will ever be: it may have been a probe. */
void own_names_of_probe(struct lifecycle *life, struct message *m);

#endif
