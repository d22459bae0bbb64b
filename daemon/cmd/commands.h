/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines a command of the command line, and declares the entry point of each: x_run
 *               is in x.c. `run` is service/run.h's.
 * Doesn't know: what a command does.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        an entry point says why on standard error and returns EXIT_CANNOT.
 */
#ifndef RELAYWATCH_CMD_COMMANDS_H
#define RELAYWATCH_CMD_COMMANDS_H

#include <jansson.h>

#include "base/when.h"
#include "common/command.h"

/* Which options a command takes besides --config and --help. */
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
    OPTION_QUIET = 1 << 9,
    OPTION_NAGIOS = 1 << 10,
    OPTION_OUTPUT = 1 << 11,
    OPTION_HOST = 1 << 12,
};

struct command {
    const char *name;
    const char *arguments;
    const char *sentence;
    const char *help;                 /* the rest of --help */
    unsigned options;                 /* OPTION_* */
    int min_arguments, max_arguments; /* max -1: any number */
    int (*run)(const struct command_options *options);
};

int scan_run(const struct command_options *options);
int suggest_run(const struct command_options *options);
int explain_run(const struct command_options *options);
int report_run(const struct command_options *options);
int check_run(const struct command_options *options);
int status_run(const struct command_options *options);

/* Of cmd_query.c: these ask the daemon. */
int incidents_run(const struct command_options *options);
int show_run(const struct command_options *options);
int close_run(const struct command_options *options);
int clients_run(const struct command_options *options);
int test_alert_run(const struct command_options *options);
int queue_run(const struct command_options *options);
/* explain without log files. What the daemon has forgotten, and its log has not, is in *ret_log
 * (as log_search_open takes it), from *ret_since on: with the mail of the hours before, of which it
 * may have come. Else NULL. */
int explain_from_daemon(const struct command_options *options, json_t **ret_log,
                        wall_us *ret_since);
/* For report: adds to `incidents` the one asked for and, after it, all others that the daemon
 * remembers. *ret_source is its log, as log_search_open takes it, or NULL. 0 or EXIT_CANNOT. */
int report_from_daemon(const struct command_options *options, json_t *incidents,
                       json_t **ret_source);

#endif
