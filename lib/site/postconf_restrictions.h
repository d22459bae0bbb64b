/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads smtpd_relay_restrictions as Postfix would, to see whether it lets strangers
 *               relay.
 * Doesn't know: the contents of tables in files, which it takes to be careful.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        takes what it can't read to be careful: no warning is better than a wrong one.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_RESTRICTIONS_H
#define RELAYWATCH_SITE_POSTCONF_RESTRICTIONS_H

#include "site/postconf.h"
#include "site/site.h"

enum relay_guard {
    RELAY_GUARDED, /* strangers are refused before anything lets everyone through */
    RELAY_PASSED,  /* something lets everyone through first */
    RELAY_CLAIMED, /* something lets anyone through who gives a certain sender or HELO name */
    RELAY_ENDED    /* nothing refuses */
};

/* list has been expanded. *ret_at is the restriction that decides; empty for RELAY_ENDED. */
enum relay_guard postconf_relay_guard(const struct postconf *postconf, struct span list,
                                      struct span *ret_at);

/* Gives the site warning "relay-restrictions-open" if smtpd_relay_restrictions is set, and neither
 * it nor smtpd_recipient_restrictions guards. */
void postconf_warn_relay(const struct postconf *postconf, struct site *site);
/* The same for a service of master.cf with settings of its own, such as "submission/inet". */
void postconf_warn_service(const struct postconf *postconf, struct site *site, const char *service);

#endif
