/* SPDX-License-Identifier: MIT */
/*
 * Does:         links messages where a record names the other's queue ID: "queued as" in the reply
 *               on a hop into this host, "forwarded as", and the records of filters.
 * Doesn't know: hops that name no ID (link_return.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        a reply is anybody's text: one that does not fit the message it names is counted
 *               and links nothing.
 */
#ifndef RELAYWATCH_LIFE_LINK_HOP_H
#define RELAYWATCH_LIFE_LINK_HOP_H

#include "life/lifecycle_core.h"

/* The record's reply on a hop into this host: true where it names a message that fits. */
bool link_hop_queued_as(struct lifecycle *life, struct message *m, const struct record *rec);
/* local(8): "forwarded as NEWID". Making the child may evict m. */
void link_hop_forwarded(struct lifecycle *life, struct message *m, struct queue_id id);
/* RECORD_FILTERED. */
void link_hop_filtered(struct lifecycle *life, uint16_t source, const struct record *rec);

#endif
