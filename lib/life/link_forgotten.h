/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells mail that came back to this host when what had gone in was forgotten: a
 *               filter was slower than the ten minutes, or a flood of other mail finished
 *               meanwhile (limits.finished). Whose it is, the log no longer tells.
 * Doesn't know: mail that is still remembered (link_return.h).
 * Owns:         nothing; it looks at the entries that forgotten mail has left in life->links.
 * Time:         as in lifecycle_core.h.
 * Fails:        if nothing shows that such mail went in, or so much came since that its entry was
 *               overwritten, the mail is that of whoever brought it.
 *
 * Nobody can hide behind a flood: mail of one's own has a message-id that did not go in. Who
 * borrows the message-id of forgotten mail has to send to its recipient, too; each such recipient
 * counts once, and only as many may be added as filters add.
 */
#ifndef RELAYWATCH_LIFE_LINK_FORGOTTEN_H
#define RELAYWATCH_LIFE_LINK_FORGOTTEN_H

#include "life/lifecycle_core.h"

/* True if mail with c's message-id is forgotten. */
bool link_forgotten_may_be(const struct lifecycle *life, const struct message *c);
/* Call it once for each recipient r of c for which no parent was found. If mail that went in for it
 * is forgotten, c is of unknown origin when its wait is over, unless a parent shows up; with too
 * many recipients that did not go in, it is that of whoever brought it. extra: the hash of
 * orig_to=, or 0. */
void link_forgotten_look(struct lifecycle *life, struct message *c, const struct recipient *r,
                         uint64_t extra);

/* c came back from something here, and whose it is, is forgotten. */
static inline bool link_forgotten_is(const struct message *c)
{
    return c->origin == ORIGIN_FILTER && !c->parent.slot;
}

#endif
