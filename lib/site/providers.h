/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells the public mailbox providers' domains and mail hosts from all others.
 * Doesn't know: the site, or what follows from a hit; providers.def holds the names and where each
 *               comes from.
 * Owns:         the two constant tables.
 * Time:         timeless; the list is as old as the dates in providers.def.
 * Fails:        never; a name that is not listed, too long or no name at all is a miss.
 */
#ifndef RELAYWATCH_SITE_PROVIDERS_H
#define RELAYWATCH_SITE_PROVIDERS_H

#include "base/span.h"

/* Whether anybody can have a mailbox in this very domain: gmail.com, but neither its subdomains nor
 * names that merely contain it. Ignores case and one trailing dot. A miss proves nothing: most
 * providers of the world are not listed. */
bool provider_has_domain(struct span domain);

/* Whether this mail host, as in relay=HOST[ADDRESS]:25, takes mail only for such domains, so that
 * what it accepted has left the site even if the recipient's domain is unknown. Hosts that serve
 * customers' own domains as well, aspmx.l.google.com for one, are no hit. Ignores case and one
 * trailing dot. */
bool provider_has_mx(struct span host);

#endif
