/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds what Postfix's settings say to a site.
 * Doesn't know: files, tables and commands; the caller's callback lists a table.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a setting that can't be expanded or listed gives a site warning, and leaves the
 *               site's domains incomplete.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_APPLY_H
#define RELAYWATCH_SITE_POSTCONF_APPLY_H

#include "site/postconf.h"
#include "site/postconf_list.h"
#include "site/site.h"

/* list may be NULL: then tables can't be listed. False if there is no setting at all, or memory is
 * short. */
bool postconf_apply(const struct postconf *postconf, struct site *site, postconf_list *list,
                    void *ctx);
#endif
