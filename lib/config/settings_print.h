/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints settings as an INI file: the shipped one, all values, or what was changed.
 * Doesn't know: files.
 * Owns:         nothing; the caller frees what it is given.
 * Time:         timeless.
 * Fails:        returns NULL when memory is short.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_PRINT_H
#define RELAYWATCH_CONFIG_SETTINGS_PRINT_H

#include "config/settings_types.h"

/* The shipped file: every key at its default, commented, with its unit, bounds and sentence.
 * The caller frees the result; NULL when memory is short. */
char *settings_print_defaults(void);
/* Every key with its value now, as an INI file. The caller frees it. */
char *settings_print(const struct settings *settings);
/* The same of those that are not at their defaults: "" where all are. */
char *settings_print_changed(const struct settings *settings);

#endif
