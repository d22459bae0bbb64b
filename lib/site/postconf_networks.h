/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds the networks and addresses in Postfix's settings to a site: those it trusts,
 *               its own, and those that may use XFORWARD.
 * Doesn't know: files and tables; the caller's callback lists a table.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a name, and a table that can't be listed, give a site warning.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_NETWORKS_H
#define RELAYWATCH_SITE_POSTCONF_NETWORKS_H

#include "site/postconf.h"
#include "site/postconf_list.h"
#include "site/site.h"

/* list may be NULL: then tables can't be listed. */
void postconf_apply_networks(const struct postconf *postconf, struct site *site,
                             postconf_list *list, void *ctx);
/* Adds those of another setting, such as "submission/inet/mynetworks". */
void postconf_add_networks(const struct postconf *postconf, struct site *site, postconf_list *list,
                           void *ctx, const char *name);
void postconf_add_xforward(const struct postconf *postconf, struct site *site, postconf_list *list,
                           void *ctx, const char *name);

#endif
