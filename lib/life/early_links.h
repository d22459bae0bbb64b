/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps links that a record names before their messages are known, until they are.
 * Doesn't know: what a link means (link_early.h).
 * Owns:         the texts in life->early, until early_links_done.
 * Time:         event time in seconds, as in lifecycle_core.h.
 * Fails:        at EARLY_MAX the oldest is forgotten, and counted.
 */
#ifndef RELAYWATCH_LIFE_EARLY_LINKS_H
#define RELAYWATCH_LIFE_EARLY_LINKS_H

#include "life/lifecycle_core.h"

/* Keeps a copy, with the time of the current record. The texts become its own. */
void early_links_keep(struct lifecycle *life, struct early_link link);
/* The first one at or after *at that names m and is not too old; NULL if there is none. */
const struct early_link *early_links_next(const struct lifecycle *life, const struct message *m,
                                          uint32_t *at);
void early_links_forget(struct lifecycle *life, uint32_t at);
void early_links_done(struct lifecycle *life);

#endif
