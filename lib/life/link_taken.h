/* SPDX-License-Identifier: MIT */
/*
 * Does:         links mail that a milter took away to the mail that it brings back. MailScanner's
 *               milter keeps each message, and Postfix discards it at its end ("milter-discard:").
 *               Once scanned, it comes back over QMQP under a new queue ID, and as this host's own:
 *               client=localhost[127.0.0.1].
 * Doesn't know: filters that mail is delivered to (link_return.h).
 * Owns:         nothing.
 * Time:         event time in seconds, as in lifecycle_core.h; either may be logged first.
 * Fails:        what comes back when the first queue file is forgotten is this host's own mail.
 *
 * What comes back has the message-id and sender of what was taken, came from this host, and is the
 * only mail to do so. Without a message-id, all that was taken from that sender and has not come
 * back must be one client's.
 */
#ifndef RELAYWATCH_LIFE_LINK_TAKEN_H
#define RELAYWATCH_LIFE_LINK_TAKEN_H

#include "life/lifecycle_core.h"

/* A milter took m, whose sender is known: looks for what it brought back. */
void link_taken_gone(struct lifecycle *life, struct message *m);
/* m came from this host, and its sender is known: looks for what a milter took. */
void link_taken_look(struct lifecycle *life, struct message *m);

#endif
