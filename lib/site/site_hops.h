/* SPDX-License-Identifier: MIT */
/*
 * Does:         knows what the settings say of where mail is handed to: content filters (declared
 *               in site.h), and exits, by which mail for the outside leaves through a program on
 *               this host: a relay host that stunnel or ssh leads to, or a pipe(8) service.
 * Doesn't know: filters and exits that only the log shows (doors.h).
 * Owns:         nothing; the site holds them.
 * Time:         timeless.
 * Fails:        adding returns false at a bound or when memory is short; lookups never fail.
 */
#ifndef RELAYWATCH_SITE_SITE_HOPS_H
#define RELAYWATCH_SITE_SITE_HOPS_H

#include "site/site.h"

/* True if the settings name a filter at that address, on whatever port. */
bool site_has_filter_at(const struct site *site, const struct address *a);
/* port 0: any. */
bool site_add_exit(struct site *site, const struct address *a, unsigned port);
bool site_is_exit(const struct site *site, const struct address *a, unsigned port);
bool site_add_exit_service(struct site *site, struct span service);
bool site_is_exit_service(const struct site *site, struct span service);
/* "transport_maps: mysql:/etc/postfix/t.cf": a table that may name exits, or who gets copies, and
 * can't be listed. Only for people to know. */
void site_add_unlisted(struct site *site, struct span setting, struct span table);
typedef void site_unlisted_visit(void *ctx, struct span text);
void site_each_unlisted(const struct site *site, site_unlisted_visit *visit, void *ctx);
/* Those of `from`, too. */
void site_add_unlisted_of(struct site *site, const struct site *from);

#endif
