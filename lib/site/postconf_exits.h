/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads from Postfix's settings, and from the tables that they name, which filters
 *               mail goes through, where it leaves, and who gets copies of it.
 * Doesn't know: files; the caller lists tables.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a table that can't be listed adds nothing: then the log shows what gives nothing
 *               back.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_EXITS_H
#define RELAYWATCH_SITE_POSTCONF_EXITS_H

#include "site/postconf.h"
#include "site/postconf_list.h"
#include "site/site.h"

/* What main.cf says, and what master.cf sets for the services that read such settings. */
void postconf_apply_exits(const struct postconf *postconf, struct site *site, postconf_list *list,
                          void *ctx);

#endif
