/* SPDX-License-Identifier: MIT */
/*
 * Does:         links a message that a pipe(8) content filter gave back through sendmail(1) to the
 *               one it was given.
 * Doesn't know: filters that speak SMTP (lifecycle_delivery.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        where no link is certain none is made; one that a recipient contradicts is undone
 *               and counted.
 */
#ifndef RELAYWATCH_LIFE_LINK_PIPE_H
#define RELAYWATCH_LIFE_LINK_PIPE_H

#include "life/lifecycle_core.h"

/* A filter's pipe(8) service was given the message for the record's recipient. */
void link_pipe_given(struct lifecycle *life, struct message *m, const struct record *rec);
/* Before a delivery record is applied: a local user's message may be one that such a service gave
 * back, as its first recipient shows. It is the other's child then, until a recipient shows that it
 * is not. */
void link_pipe_returned(struct lifecycle *life, struct message *c, const struct record *rec);

#endif
