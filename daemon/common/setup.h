/* SPDX-License-Identifier: MIT */
/*
 * Does:         what nearly every command begins with: reads the settings, asks Postfix (or reads a
 *               saved dump), and builds the site from both.
 * Doesn't know: what the command does with them.
 * Owns:         settings and site, until setup_done.
 * Time:         blocks while postconf and postmap run.
 * Fails:        says why on standard error and returns EXIT_CANNOT.
 */
#ifndef RELAYWATCH_COMMON_SETUP_H
#define RELAYWATCH_COMMON_SETUP_H

#include "common/command.h"
#include "common/postfix.h"
#include "config/settings.h"
#include "site/site.h"

struct setup {
    struct settings settings;
    struct site *site;
    const char *config; /* the file that was read; NULL: none, all settings are defaults */
    const char *dump;   /* the file that has Postfix's settings; NULL: none, Postfix may be asked */
    struct postfix_paths postfix; /* empty: Postfix was not asked */
    bool postfix_answered;        /* Postfix's settings are known, from itself or from a dump */
};

/* 0 or EXIT_CANNOT. Either way, setup_done frees it. */
int setup_init(struct setup *setup, const struct command_options *options);
/* The settings only: no site, and Postfix is not asked. Otherwise as setup_init. */
int setup_read_settings(struct setup *setup, const struct command_options *options);
/* The rest of setup_init. */
int setup_build_site(struct setup *setup, const struct command_options *options);
/* Makes the site anew, of [site] alone; false when memory is short, or own_domains_file can't be
 * read any more. */
bool setup_without_postfix(struct setup *setup);
void setup_done(struct setup *setup);

#endif
