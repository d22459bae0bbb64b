/* SPDX-License-Identifier: MIT */
/*
 * Does:         parses the text of an INI file into settings; settings.def has a row for every key,
 *               with its default, bounds, unit and sentence.
 * Doesn't know: files, environment variables, user names.
 * Owns:         the strings in the settings, until settings_done.
 * Time:         timeless; durations are dur_us.
 * Fails:        settings_parse returns false and says what it found, what is allowed, and on which
 *               line; the settings are then unchanged.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_H
#define RELAYWATCH_CONFIG_SETTINGS_H

#include "config/inifile.h"
#include "config/settings_types.h"

/* Sets the defaults of settings.def; false only when memory is short. */
bool settings_init(struct settings *settings);
void settings_done(struct settings *settings);
typedef void settings_on_error(void *ctx, const struct inifile_error *err);
/* Replaces *settings, which settings_init has filled, by the defaults and what `text` says; tells
 * every error, in order. */
bool settings_parse_all(struct settings *settings, struct span text, settings_on_error *on_error,
                        void *ctx);
/* The same with the first error only. */
bool settings_parse(struct settings *settings, struct span text, struct inifile_error *err);

/* The thresholds for a subject: those of its override, or else of the kind. subject is the account
 * or address as logged, in any case; uid is for local-abuse only. */
const struct thresholds *settings_for(const struct settings *settings, enum kind kind,
                                      struct span subject, int64_t uid);

#endif
