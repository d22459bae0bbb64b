/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds in a content_filter setting where mail goes to be looked at.
 * Doesn't know: names in DNS; a filter that is named by one is reported.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; a value without a transport adds nothing.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_FILTER_H
#define RELAYWATCH_SITE_POSTCONF_FILTER_H

#include "site/site.h"

/* "smtp-amavis:[127.0.0.1]:10024" adds an endpoint to the site, "spamassassin" or "scan:dummy" a
 * pipe(8) service, whose name is what the log calls it by. */
void postconf_apply_filter(struct site *site, struct span value);

#endif
