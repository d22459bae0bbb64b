/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells a site what Postfix's settings say.
 * Doesn't know: files, tables and commands: what a table holds, the caller's callback says.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a setting that can't be expanded or listed becomes a site warning and leaves the
 *               site incomplete.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_APPLY_H
#define RELAYWATCH_SITE_POSTCONF_APPLY_H

#include "site/postconf.h"
#include "site/postconf_list.h"
#include "site/site.h"

/* Adds what the settings say to the site; list may be NULL: then no table can be listed. False when
 * the text has no setting at all, or memory is short. */
bool postconf_apply(const struct postconf *postconf, struct site *site, postconf_list *list,
                    void *ctx);
/* The same for the output of postconf -P: content filters that master.cf names. */
void postconf_apply_services(const struct postconf *services, struct site *site);

#endif
