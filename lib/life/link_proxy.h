/* SPDX-License-Identifier: MIT */
/*
 * Does:         links mail that came through a before-queue filter (smtpd_proxy_filter) to the
 *               client that the front smtpd(8) logged.
 * Doesn't know: what a filter does.
 * Owns:         the texts in life->proxied, until link_proxy_done.
 * Time:         as in lifecycle_core.h.
 * Fails:        a reply that doesn't fit the message it names is counted and changes nothing.
 */
#ifndef RELAYWATCH_LIFE_LINK_PROXY_H
#define RELAYWATCH_LIFE_LINK_PROXY_H

#include "life/lifecycle_core.h"

/* An smtpd(8) process without a queue file got mail from a client ... */
void link_proxy_client(struct lifecycle *life, uint16_t source, const struct record *rec);
/* ... and passed it on. */
void link_proxy_accepted(struct lifecycle *life, uint16_t source, const struct record *rec);
/* A reply named that message before its acceptance was logged. False if it isn't known yet; then it
 * may be asked again. */
bool link_proxy_again(struct lifecycle *life, const struct early_link *link);
/* Releases the texts it holds. */
void link_proxy_done(struct lifecycle *life);

#endif
