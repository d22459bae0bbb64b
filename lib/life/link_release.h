/* SPDX-License-Identifier: MIT */
/*
 * Does:         lets mail of a machine near by go that was held up for another of its message-id,
 *               once that has gone elsewhere than to this machine.
 * Doesn't know: how mail that comes back is linked (link_return.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        what can't be told waits on.
 */
#ifndef RELAYWATCH_LIFE_LINK_RELEASE_H
#define RELAYWATCH_LIFE_LINK_RELEASE_H

#include "life/lifecycle_core.h"

/* c waits for o. */
static inline void link_release_when_gone(struct message *o, const struct message *c)
{
    if (c->is_near && !message_has(o, MESSAGE_TRIED))
        o->flags |= MESSAGE_PARENT;
}
/* o has left the queue. */
void link_release(struct lifecycle *life, struct message *o);

#endif
