/* SPDX-License-Identifier: MIT */
/*
 * Does:         the options that commands share, and their exit statuses.
 * Doesn't know: the commands.
 * Owns:         nothing: options point into argv.
 * Time:         timeless.
 * Fails:        -
 */
#ifndef RELAYWATCH_COMMON_COMMAND_H
#define RELAYWATCH_COMMON_COMMAND_H

#include <stdbool.h>

#define COMMAND_CONFIG "/etc/relaywatch/relaywatch.conf"

enum { EXIT_NOTHING = 0, EXIT_FOUND = 1, EXIT_CANNOT = 2 };

/* Which options a command takes beside --config and --help. */
enum {
    OPTION_JSON = 1 << 0,
    OPTION_POSTCONF = 1 << 1,
    OPTION_ANNOTATE = 1 << 2,
    OPTION_DEFAULTS = 1 << 3,
    OPTION_WATCH = 1 << 4,
    OPTION_SOCKET = 1 << 5,
    OPTION_COLOR = 1 << 6,
    OPTION_ALL = 1 << 7,
    OPTION_TRACE = 1 << 8,
};

struct command_options {
    const char *config;   /* NULL: COMMAND_CONFIG, if it is there */
    const char *postconf; /* NULL: ask Postfix */
    const char *socket;
    const char *trace; /* areas; NULL: none */
    bool json, annotate, defaults, watch, all;
    bool color; /* standard output is a terminal, and nobody said no */
    char **arg; /* what follows the options */
    int arg_count;
};

#endif
