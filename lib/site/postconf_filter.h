/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds out from a content_filter setting where mail goes to be filtered.
 * Doesn't know: DNS: a filter given by name becomes a site warning.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; a value without a transport adds nothing.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_FILTER_H
#define RELAYWATCH_SITE_POSTCONF_FILTER_H

#include "site/postconf.h"
#include "site/site.h"

/* "smtp-amavis:[127.0.0.1]:10024" adds an address to the site, "spamassassin" or "scan:dummy" a
 * pipe(8) service, which the log calls by that name. */
void postconf_apply_filter(struct site *site, struct span value);

/* "[127.0.0.1]:11125", of relayhost: an exit of the site. */
void postconf_apply_relayhost(struct site *site, struct span value);
/* "mailgun:" or "smtp:[127.0.0.1]:11125", of default_transport. A service that is not pipe(8)'s
 * shows up in the log by another name. */
void postconf_apply_transport(struct site *site, struct span value);

#endif
