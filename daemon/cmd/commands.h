/* SPDX-License-Identifier: MIT */
/*
 * Does:         the commands.
 * Doesn't know: their options (main.c).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        each returns an exit status, after saying why.
 */
#ifndef RELAYWATCH_CMD_COMMANDS_H
#define RELAYWATCH_CMD_COMMANDS_H

#include "common/command.h"

struct command {
    const char *name;
    const char *arguments;
    const char *sentence;
    const char *help; /* the rest of --help */
    unsigned options; /* OPTION_* */
    int min_arguments, max_arguments;
    int (*run)(const struct command_options *options);
};

int scan_run(const struct command_options *options);
int explain_run(const struct command_options *options);
int check_run(const struct command_options *options);
int status_run(const struct command_options *options);
int incidents_run(const struct command_options *options);
int show_run(const struct command_options *options);
int queue_run(const struct command_options *options);
/* explain without logs: what the daemon knows. */
int explain_live_run(const struct command_options *options);

#endif
