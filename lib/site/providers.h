/* SPDX-License-Identifier: MIT */
/*
 * Does:         recognises the domains and mail hosts of public mailbox providers.
 * Doesn't know: the site, or what follows from a match; providers.def holds the names and the
 *               source of each.
 * Owns:         the two constant tables.
 * Time:         timeless; the list is as old as the dates in providers.def.
 * Fails:        never; a name that is not listed, too long, or not a name does not match.
 */
#ifndef RELAYWATCH_SITE_PROVIDERS_H
#define RELAYWATCH_SITE_PROVIDERS_H

#include "base/span.h"

/* True if anybody can have a mailbox in this very domain: gmail.com, but not its subdomains or
 * names that merely contain it. Ignores case and one trailing dot. False proves nothing: most
 * providers in the world are not listed. */
bool provider_has_domain(struct span domain);

/* True if this mail host, as in relay=HOST[ADDRESS]:25, takes mail only for such domains, so that
 * mail it accepted has left the site even if the recipient's domain is unknown. Hosts that also
 * serve customers' own domains, such as aspmx.l.google.com, don't match. Ignores case and one
 * trailing dot. */
bool provider_has_mx(struct span host);

/* True if this mail host of a provider takes mail for customers' own domains. */
bool provider_hosts_customers_at(struct span host);
/* True if this mail host of a provider sends mail of customers' own domains. */
bool provider_sends_from(struct span host);

#endif
