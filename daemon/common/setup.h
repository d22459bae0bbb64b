/* SPDX-License-Identifier: MIT */
/*
 * Does:         what nearly every command begins with: settings, and the site made of them.
 * Doesn't know: what a command does with them.
 * Owns:         settings and site, until setup_done.
 * Time:         command_now is for commands that run once; the daemon has loop.h.
 * Fails:        prints the sentence on standard error and returns an exit status.
 */
#ifndef RELAYWATCH_COMMON_SETUP_H
#define RELAYWATCH_COMMON_SETUP_H

#include "common/command.h"
#include "config/settings.h"
#include "site/site.h"

struct setup {
    struct settings settings;
    struct site *site;
    const char *config; /* the file that was read, or NULL */
    char *maillog_file; /* of postfix.h, or NULL */
    bool postfix_told;  /* a dump or Postfix itself was asked, and answered */
};

/* Reads settings, asks Postfix (or the dump), and puts the site together. 0 or EXIT_CANNOT, after
 * saying why. */
int setup_init(struct setup *setup, const struct command_options *options);
/* Puts the site together from [site] alone; false when memory is short. */
bool setup_without_postfix(struct setup *setup);
void setup_done(struct setup *setup);

/* For dates without a zone: this machine's. A when_zone. */
int local_zone(void *ctx, int64_t local_s, wall_us last);
wall_us command_now(void);

#endif
