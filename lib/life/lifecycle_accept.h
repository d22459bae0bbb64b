/* SPDX-License-Identifier: MIT */
/*
 * Does:         applies acceptances: who brought a message, and whether it continues another one.
 * Doesn't know: deliveries.
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        never; a duplicate line counts as one acceptance.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_ACCEPT_H
#define RELAYWATCH_LIFE_LIFECYCLE_ACCEPT_H

#include "life/lifecycle_core.h"

void lifecycle_client(struct lifecycle *life, uint16_t source, const struct record *rec,
                      uint32_t client_hash);
/* Somebody has logged in. The domain of the login is ours: its users have their mailboxes here. */
void lifecycle_see_login(struct lifecycle *life, struct span account);
void lifecycle_pickup(struct lifecycle *life, uint16_t source, const struct record *rec);

#endif
