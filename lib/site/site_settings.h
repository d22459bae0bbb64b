/* SPDX-License-Identifier: MIT */
/*
 * Does:         adds what the [site] section says to a site.
 * Doesn't know: Postfix, whose settings are added after this, or the log, which comes last.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        returns false with the wrong word in *err (line 0), or when a table of the site is
 *               full; the site then has what came before that word.
 */
#ifndef RELAYWATCH_SITE_SITE_SETTINGS_H
#define RELAYWATCH_SITE_SITE_SETTINGS_H

#include "config/settings.h"
#include "site/site.h"

/* own_domains, if not empty, names all our domains, trusted_networks all networks. */
bool site_apply_settings(struct site *site, const struct settings *settings,
                         struct inifile_error *err);

#endif
