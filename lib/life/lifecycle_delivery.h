/* SPDX-License-Identifier: MIT */
/*
 * Does:         applies delivery records: where a message went, with what result, and which other
 *               messages it became.
 * Doesn't know: acceptances.
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        a reply that doesn't fit the message it names is counted and links nothing.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_DELIVERY_H
#define RELAYWATCH_LIFE_LIFECYCLE_DELIVERY_H

#include "life/lifecycle_core.h"

void lifecycle_delivery(struct lifecycle *life, uint16_t source, const struct record *rec,
                        uint64_t recipient_hash);

#endif
