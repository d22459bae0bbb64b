/* SPDX-License-Identifier: MIT */
/*
 * Does:         links mail that came through a before-queue filter (smtpd_proxy_filter) to the
 *               client that the front smtpd(8) logged.
 * Doesn't know: what a filter does.
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        a reply that does not fit the message it names is counted and changes nothing.
 */
#ifndef RELAYWATCH_LIFE_LINK_PROXY_H
#define RELAYWATCH_LIFE_LINK_PROXY_H

#include "life/lifecycle_core.h"

/* A process that has no queue file got mail from a client ... */
void link_proxy_client(struct lifecycle *life, uint16_t source, const struct record *rec);
/* ... and passed it on. */
void link_proxy_accepted(struct lifecycle *life, uint16_t source, const struct record *rec);
/* Gives back the texts it holds. */
void link_proxy_done(struct lifecycle *life);

#endif
