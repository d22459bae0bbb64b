/* SPDX-License-Identifier: MIT */
/*
 * Does:         the commands, the options they share, and what nearly every command begins with:
 *               settings and site.
 * Doesn't know: what a command does with them.
 * Owns:         settings and site, until command_done.
 * Time:         command_now is for commands that run once; the daemon has loop.h.
 * Fails:        prints the sentence on standard error and returns an exit status.
 */
#ifndef RELAYWATCH_COMMON_COMMAND_H
#define RELAYWATCH_COMMON_COMMAND_H

#include "config/settings.h"
#include "site/site.h"

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
};

struct command_options {
    const char *config;   /* NULL: COMMAND_CONFIG, if it is there */
    const char *postconf; /* NULL: ask Postfix */
    const char *socket;
    bool json, annotate, defaults, watch, all;
    bool color; /* standard output is a terminal, and nobody said no */
    char **arg; /* what follows the options */
    int arg_count;
};

struct command {
    const char *name;
    const char *arguments;
    const char *sentence;
    const char *help; /* the rest of --help */
    unsigned options; /* OPTION_* */
    int min_arguments, max_arguments;
    int (*run)(const struct command_options *options);
};

/* All there are, ended by one without name. */
extern const struct command commands[];

int scan_run(const struct command_options *options);
int explain_run(const struct command_options *options);
int check_run(const struct command_options *options);
int run_run(const struct command_options *options);
int status_run(const struct command_options *options);
int incidents_run(const struct command_options *options);
int show_run(const struct command_options *options);
int queue_run(const struct command_options *options);
/* explain without logs: what the daemon knows. */
int explain_live_run(const struct command_options *options);

/* "relaywatch: " and the sentence, on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

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
