/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints settings as an INI file: the defaults, all values, or only the changed ones.
 * Doesn't know: files.
 * Owns:         nothing; the caller frees each result.
 * Time:         timeless.
 * Fails:        all return NULL when memory is short.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_PRINT_H
#define RELAYWATCH_CONFIG_SETTINGS_PRINT_H

#include "config/settings_types.h"

/* The shipped file: every key at its default, commented out, with its sentence, unit and bounds. */
char *settings_print_defaults(void);
/* Every key with its value. */
char *settings_print(const struct settings *settings);
/* Only what differs from the defaults; "" if nothing does. */
char *settings_print_changed(const struct settings *settings);

#endif
