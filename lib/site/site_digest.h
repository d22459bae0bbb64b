/* SPDX-License-Identifier: MIT */
/*
 * Does:         says in one number what the settings say of a site, to tell whether they have
 *               changed in a way that may change a verdict.
 * Doesn't know: which settings those were.
 * Owns:         nothing.
 * Time:         timeless. The number is the same after a restart.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SITE_SITE_DIGEST_H
#define RELAYWATCH_SITE_SITE_DIGEST_H

#include "site/site.h"

/* Never 0. What the log taught is no part of it, nor are warnings, nor the order of what is listed
 * where that decides nothing. */
uint64_t site_digest(const struct site *site);

#endif
