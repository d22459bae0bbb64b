/* SPDX-License-Identifier: MIT */
/*
 * Does:         looks in the index of links for the message that another one came from.
 * Doesn't know: what becomes of the two then (link_return.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; what the index has lost is not found.
 */
#ifndef RELAYWATCH_LIFE_LINK_SEARCH_H
#define RELAYWATCH_LIFE_LINK_SEARCH_H

#include "life/lifecycle_core.h"

/* The best parent found so far. */
struct link_finding {
    struct message *parent;
    enum origin origin;
    bool again;            /* look also at what has come back already */
    struct message *after; /* of filters in a row, what was taken for the parent's so far */
};

/* The message of the entry at *at, which moves on (link_index.h). NULL if it is gone, or m itself.
 * Keys are hashes: callers compare what they are made of. */
struct message *link_search_other(struct lifecycle *life, const struct message *m, uint64_t key,
                                  uint32_t *at);
/* Takes p, which may be NULL, for c's parent if it fits better than what was found. extra: as for
 * relation_of. */
void link_search_look_at(struct lifecycle *life, struct message *p, struct message *c,
                         uint64_t extra, struct link_finding *found);
/* The parent of c among all that the index has; again: among those, too, that have come back. */
struct link_finding link_search_parent(struct lifecycle *life, struct message *c, uint64_t extra,
                                       bool again);
/* True if a message is still there that c may have come from, without a message-id and under the
 * same sender: its own deliveries will tell. */
bool link_search_without_id(struct lifecycle *life, struct message *c);

#endif
