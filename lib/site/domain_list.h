/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds the domains of a text to a site, as our own: one a line, in the words of
 *               own_domains; blank lines and those that begin with "#" are passed over.
 * Doesn't know: where the text comes from.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        every wrong line is told, the others are added all the same. Says so where there is
 *               no domain at all: half an export must not make all of ours outside.
 */
#ifndef RELAYWATCH_SITE_DOMAIN_LIST_H
#define RELAYWATCH_SITE_DOMAIN_LIST_H

#include "config/settings.h"
#include "site/site.h"

/* False if anything was told. If there are domains, they and own_domains are all that is ours. */
bool domain_list_apply(struct site *site, struct span text, settings_on_error *on_error, void *ctx);

#endif
