/* SPDX-License-Identifier: MIT */
/*
 * Does:         knows which logins are one account: services of a server may log one mailbox's as
 *               "bob" and as "bob@example.org".
 * Doesn't know: what the account sends.
 * Owns:         what site.h says.
 * Time:         timeless.
 * Fails:        at SITE_ACCOUNTS_MAX the oldest are forgotten, and are two again; when memory is
 *               short, so are further ones.
 *
 * The log shows it: both log in, the domain is ours, and "bob" sends as bob@example.org. Where he
 * also sends as bob@example.net, which logs in too, nothing tells which of the two he is. Postfix's
 * settings may tell it, too: to Cyrus SASL, a name without a domain is one of
 * smtpd_sasl_local_domain.
 */
#ifndef RELAYWATCH_SITE_SITE_ACCOUNTS_H
#define RELAYWATCH_SITE_SITE_ACCOUNTS_H

#include "base/span.h"

struct site;

enum { SITE_ACCOUNTS_MAX = 16384, SITE_LOGIN_MAX = 320 };

/* The domain of logins without one, by the settings. */
void site_set_login_domain(struct site *site, struct span domain);
struct span site_login_domain(const struct site *site);

/* Somebody has logged in. True if that shows that two logins are one account, or no longer. */
bool site_see_login(struct site *site, struct span login);
/* Mail of the login has that sender. True as above. */
bool site_see_sender_of_login(struct site *site, struct span login, struct span sender);

struct site_account {
    struct span name; /* with its domain, if that is known: the login's, the site's, or in buf */
    bool has_two;     /* the part before the "@" logs in, too, and is the same */
};
struct site_account site_account_of(const struct site *site, struct span login,
                                    char buf[SITE_LOGIN_MAX]);
/* The one that the login was, before it was seen to be another's, too; empty if none. Borrowed. */
struct span site_doubtful_account(const struct site *site, struct span login);

/* For a save: each account that the log has shown, and to tell them to a site. */
typedef void site_account_visit(void *ctx, struct span name, bool in_doubt);
void site_each_account(const struct site *site, site_account_visit *visit, void *ctx);
void site_restore_account(struct site *site, struct span name, bool in_doubt);

#endif
