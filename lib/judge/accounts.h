/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts what two logins of one account send together.
 * Doesn't know: how they are found to be one (site/site_accounts.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        where the evidence of both can't be joined, the log must be read again
 *               (REREAD_APART).
 */
#ifndef RELAYWATCH_JUDGE_ACCOUNTS_H
#define RELAYWATCH_JUDGE_ACCOUNTS_H

#include "detect/tables.h"
#include "judge/judge_state.h"
#include "site/site_accounts.h"

/* Sets whose mail the observation is of. The name may be in buf. */
void accounts_name(const struct judge *judge, const struct message *m, struct observation *o,
                   char buf[SITE_LOGIN_MAX]);
/* What the site knows of that login has changed. */
void accounts_changed(struct judge *judge, struct span login);

#endif
