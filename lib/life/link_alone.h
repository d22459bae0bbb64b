/* SPDX-License-Identifier: MIT */
/*
 * Does:         lets mail that was delivered here be found by its message-id alone, as long as no
 *               other mail has that; then by recipient and by sender, too.
 * Doesn't know: what is looked for, and why (link_return.h).
 * Owns:         nothing; works on life->links.
 * Time:         timeless.
 * Fails:        link_alone_delivered returns false if the message can't be found that way.
 *
 * Hardly any mail comes back under its message-id. Two more keys for each delivery would be a third
 * of its cost, and push others out of the index.
 */
#ifndef RELAYWATCH_LIFE_LINK_ALONE_H
#define RELAYWATCH_LIFE_LINK_ALONE_H

#include "life/lifecycle_core.h"

/* m was delivered here to that recipient. True if no other mail has its message-id: then nothing
 * waits for it, and it is found when that changes, even if it is forgotten by then. */
bool link_alone_delivered(struct lifecycle *life, const struct message *m,
                          const struct recipient *r);
/* Lets m be found by that recipient, whom it was delivered to here, and by its sender. */
void link_alone_index(struct lifecycle *life, const struct message *m, const struct recipient *r);
/* c has a message-id. Those that have it, too, are found by recipient and sender from now on, and
 * so is c. */
void link_alone_end(struct lifecycle *life, struct message *c);

#endif
