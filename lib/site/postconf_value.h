/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives the values of settings as Postfix uses them: expanded, or their defaults.
 * Doesn't know: what a setting means.
 * Owns:         nothing; the caller frees a value.
 * Time:         timeless.
 * Fails:        a setting that can't be expanded gives a site warning, and has no value.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_VALUE_H
#define RELAYWATCH_SITE_POSTCONF_VALUE_H

#include "site/postconf.h"
#include "site/site.h"

/* NULL if it can't be expanded. */
char *postconf_value(const struct postconf *postconf, struct site *site, const char *name);
/* True if it is empty, but not if it can't be expanded. */
bool postconf_is_empty(const struct postconf *postconf, struct site *site, const char *name);
/* True if it is given, and not empty. */
bool postconf_is_set(const struct postconf *postconf, struct site *site, const char *name);
/* True if the list has that very item. Doesn't look into files and tables. */
bool postconf_lists(const struct postconf *postconf, struct site *site, const char *name,
                    struct span wanted);

#endif
