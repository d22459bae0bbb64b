/* SPDX-License-Identifier: MIT */
/*
 * Does:         knows mail again that left for a filter elsewhere and comes back from there: from
 *               any of its machines, whichever networks they are in.
 * Doesn't know: filters here and near by (link_return.h), or on another host of the log
 *               (link_fleet.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        if it isn't certain, it is the mail of whoever brought it.
 *
 * A stranger at a public address may bring it. It has the message-id and the sender of mail that a
 * user or a machine here sent away, and of its recipients only those of that mail, once each: he
 * gains nothing that has not left anyway.
 */
#ifndef RELAYWATCH_LIFE_LINK_AWAY_H
#define RELAYWATCH_LIFE_LINK_AWAY_H

#include "life/lifecycle_core.h"

/* c has been delivered, or tried, for r. */
void link_away_delivered(struct lifecycle *life, struct message *c, const struct recipient *r);

#endif
