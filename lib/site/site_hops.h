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

/* port 0: any. */
bool site_add_exit(struct site *site, const struct address *a, unsigned port);
bool site_is_exit(const struct site *site, const struct address *a, unsigned port);
bool site_add_exit_service(struct site *site, struct span service);
bool site_is_exit_service(const struct site *site, struct span service);

#endif
