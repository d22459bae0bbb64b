/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds what -o sets for single services of master.cf (postconf -P, -M) to a site:
 *               content filters, networks, who may use XFORWARD, copies; and warns of a service
 *               that lets strangers relay.
 * Doesn't know: through which service a message came: what is true of one counts for all.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a setting that can't be expanded or listed gives a site warning.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_SERVICES_H
#define RELAYWATCH_SITE_POSTCONF_SERVICES_H

#include "site/postconf.h"
#include "site/postconf_list.h"
#include "site/site.h"

/* list may be NULL: then tables can't be listed. */
void postconf_apply_services(const struct postconf *postconf, struct site *site,
                             postconf_list *list, void *ctx);

#endif
