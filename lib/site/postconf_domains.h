/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds the domains in Postfix's settings to a site: ours, and its relay domains.
 * Doesn't know: files and tables; the caller's callback lists a table.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a table that can't be listed gives a site warning, and leaves the site's domains
 *               incomplete.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_DOMAINS_H
#define RELAYWATCH_SITE_POSTCONF_DOMAINS_H

#include "site/postconf.h"
#include "site/postconf_list.h"
#include "site/site.h"

/* list may be NULL: then tables can't be listed. False if memory is short. */
bool postconf_apply_domains(const struct postconf *postconf, struct site *site, postconf_list *list,
                            void *ctx);

#endif
