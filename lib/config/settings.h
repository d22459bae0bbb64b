/* SPDX-License-Identifier: MIT */
/*
 * Does:         the settings as one typed value, from the text of an INI file; every key is a row
 *               of settings.def with its bounds, unit and sentence.
 * Doesn't know: files, environments, user names; text comes in, text goes out.
 * Owns:         its strings, until settings_done.
 * Time:         timeless; durations are dur_us.
 * Fails:        settings_parse returns false and fills *err with line, what was found and what is
 *               allowed; the settings passed in are then unchanged.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_H
#define RELAYWATCH_CONFIG_SETTINGS_H

#include "config/settings_types.h"

struct settings_error {
    int line; /* 1..; 0 where the file as a whole is meant */
    char text[512];
};

/* The defaults of settings.def; false only when memory is short. */
bool settings_init(struct settings *settings);
void settings_done(struct settings *settings);
/* Reads `text` over the defaults. On failure *settings is as settings_init left it. */
bool settings_parse(struct settings *settings, struct span text, struct settings_error *err);

/* The thresholds that hold for a subject: an override's, or the kind's. subject is the account or
 * address as logged (compared without case); uid counts for local-abuse only. */
const struct thresholds *settings_for(const struct settings *settings, enum kind kind,
                                      struct span subject, int64_t uid);

#endif
