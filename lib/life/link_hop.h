/* SPDX-License-Identifier: MIT */
/*
 * Does:         links messages where a record names the other queue ID: "queued as" in the reply to
 *               a hop into this host, "forwarded as", and the filters' own records.
 * Doesn't know: hops that name no ID (link_return.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        anybody may have written a reply: one that doesn't fit the message it names is
 *               counted and links nothing.
 */
#ifndef RELAYWATCH_LIFE_LINK_HOP_H
#define RELAYWATCH_LIFE_LINK_HOP_H

#include "life/lifecycle_core.h"

/* Follows the reply to a hop into this host. True if it names a message that fits. */
bool link_hop_queued_as(struct lifecycle *life, struct message *m, const struct record *rec);
/* True if it names a message of this host, whether that fits or not. */
bool link_hop_names_one_of_ours(const struct lifecycle *life, const struct message *m,
                                const struct record *rec);
/* local(8): "forwarded as NEWID", for that address. Making the child may evict m. */
void link_hop_forwarded(struct lifecycle *life, struct message *m, struct queue_id id,
                        struct span forwarder);
/* RECORD_FILTERED. */
void link_hop_filtered(struct lifecycle *life, uint16_t source, const struct record *rec);
/* A record named that link before its messages were known. False if they aren't known yet; then it
 * may be asked again. */
bool link_hop_again(struct lifecycle *life, const struct early_link *link);

#endif
