/* SPDX-License-Identifier: MIT */
/*
 * Does:         applies acceptances: who brought a message, and whether it is another one that
 *               goes on.
 * Doesn't know: deliveries.
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        a line that is there twice is one acceptance.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_ACCEPT_H
#define RELAYWATCH_LIFE_LIFECYCLE_ACCEPT_H

#include "life/lifecycle_core.h"

void lifecycle_client(struct lifecycle *life, uint16_t source, const struct record *rec);
void lifecycle_pickup(struct lifecycle *life, uint16_t source, const struct record *rec);

#endif
