/* SPDX-License-Identifier: MIT */
/*
 * Does:         replaces the $names in a setting by the values of other settings.
 * Doesn't know: what a setting means.
 * Owns:         nothing; the caller frees the result.
 * Time:         timeless.
 * Fails:        postconf_expand returns NULL where settings name each other in a circle, at a
 *               bound, or when memory is short.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_EXPAND_H
#define RELAYWATCH_SITE_POSTCONF_EXPAND_H

#include "site/postconf.h"

#define POSTCONF_VALUE_MAX (4 * 1024 * 1024) /* of an expanded value */
#define POSTCONF_DEPTH_MAX 20                /* settings within settings */
#define POSTCONF_STEPS_MAX 100000            /* of one expansion: $a may name $b twice, and so on */

/* Knows $name, ${name}, ${name?text}, ${name:text} and ${{a} == {b} ? {text} : {text}}. */
char *postconf_expand(const struct postconf *postconf, struct span text);

#endif
