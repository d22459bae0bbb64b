/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds out whether Postfix's settings may pass mail for our own domains to smtp(8).
 * Doesn't know: what the tables hold: one that is set may do so.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; a setting that can't be expanded may do so too.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_ROUTE_H
#define RELAYWATCH_SITE_POSTCONF_ROUTE_H

#include "site/postconf.h"

/* To another address, to a server of ours or to a content filter; relay_domains don't count. */
bool postconf_passes_ours_to_smtp(const struct postconf *postconf);

#endif
