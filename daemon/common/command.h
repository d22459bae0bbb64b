/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines what the command line passes to every command: options and arguments, and
 *               the exit statuses a command returns.
 * Doesn't know: which commands there are; the table is in cmd/.
 * Owns:         nothing. Strings point into argv.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_COMMON_COMMAND_H
#define RELAYWATCH_COMMON_COMMAND_H

#include <stdbool.h>

#define COMMAND_CONFIG "/etc/relaywatch/relaywatch.conf"

/* NOTHING and FOUND are about what a command looked for; CANNOT means it could not do its work. */
enum { EXIT_NOTHING = 0, EXIT_FOUND = 1, EXIT_CANNOT = 2 };

struct command_options {
    const char *config;   /* NULL: COMMAND_CONFIG, if that file exists */
    const char *postconf; /* NULL: ask Postfix */
    const char *socket;   /* NULL: the default control socket */
    const char *output;   /* NULL: standard output */
    const char *host;     /* NULL: any */
    const char *trace;    /* areas of base/trace.h; NULL: none */
    bool json, annotate, defaults, watch, all, quiet, nagios;
    bool color; /* standard output is a terminal, and neither NO_COLOR nor --no-color is given */
    char **arg; /* what follows the options */
    int arg_count;
};

#endif
