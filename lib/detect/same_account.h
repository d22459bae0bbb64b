/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives what was counted of a login to the account that it turned out to be.
 * Doesn't know: how that turned out (site/site_accounts.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        where both have been counted already, or memory is short, they stay two.
 */
#ifndef RELAYWATCH_DETECT_SAME_ACCOUNT_H
#define RELAYWATCH_DETECT_SAME_ACCOUNT_H

#include "detect/tables.h"

/* False if both have evidence, on one host: only the log can tell what they have together. */
bool detector_same_account(struct detector *d, struct span login, struct span account);
/* True if the account has evidence, on any host. */
bool detector_knows_account(struct detector *d, struct span account);

#endif
