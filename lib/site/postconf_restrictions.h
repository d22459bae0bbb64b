/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads smtpd_relay_restrictions as Postfix would, to see whether a stranger gets
 *               past the end of it.
 * Doesn't know: what tables in files say; they are taken for careful.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        what it can't read is taken for careful: no warning is better than a wrong one.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_RESTRICTIONS_H
#define RELAYWATCH_SITE_POSTCONF_RESTRICTIONS_H

#include "site/postconf.h"
#include "site/site.h"

enum relay_guard {
    RELAY_GUARDED, /* strangers are refused before anything lets everybody through */
    RELAY_PASSED,  /* something lets everybody through first */
    RELAY_CLAIMED, /* something lets through whoever says a certain sender or HELO */
    RELAY_ENDED    /* nothing refuses */
};

/* list is expanded already. *ret_at is the restriction that decides; empty for RELAY_ENDED. */
enum relay_guard postconf_relay_guard(const struct postconf *postconf, struct span list,
                                      struct span *ret_at);

/* Site warning "relay-restrictions-open" where smtpd_relay_restrictions is set and neither it nor
 * smtpd_recipient_restrictions guards. */
void postconf_warn_relay(const struct postconf *postconf, struct site *site);

#endif
