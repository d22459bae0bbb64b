/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells a site what the [site] section says.
 * Doesn't know: Postfix; what it says comes after this, and then what the log proves.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        returns false with the word that is wrong in *err (line 0), or when a table of the
 *               site is full; the site has then what came before that word.
 */
#ifndef RELAYWATCH_SITE_SITE_SETTINGS_H
#define RELAYWATCH_SITE_SITE_SETTINGS_H

#include "config/settings.h"
#include "site/site.h"

/* own_domains that are not empty tell all domains, trusted_networks all networks. */
bool site_apply_settings(struct site *site, const struct settings *settings,
                         struct settings_error *err);

#endif
