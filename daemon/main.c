/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"

const struct command commands[] = {
    {"scan", "FILE...", "reads whole logs and says which attacks they show",
     "FILE is a log, plain or packed with gzip or zstd, \"-\" for standard input, a .journal file\n"
     "or a directory of them. Several are read oldest first, whatever their order here.\n"
     "\n"
     "Exit status: 0 nothing found, 1 at least one incident, 2 it could not be done.\n",
     OPTION_JSON | OPTION_POSTCONF | OPTION_ANNOTATE | OPTION_COLOR, 1, -1, scan_run},
    {"explain", "QUEUEID FILE...", "one message: its lines, its way through every hop, the verdict",
     "Exit status: 0 the message is there, 1 it is not, 2 it could not be done.\n",
     OPTION_JSON | OPTION_POSTCONF | OPTION_COLOR, 1, -1, explain_run},
    {"check", "", "what was understood: settings, own domains, trusted networks, warnings",
     "Exit status: 0 clean, 1 warnings, 2 bad settings.\n",
     OPTION_JSON | OPTION_POSTCONF | OPTION_DEFAULTS | OPTION_COLOR, 0, 0, check_run},
    {0},
};

static const struct {
    struct option option;
    unsigned needs; /* OPTION_*; 0: every command */
    const char *help;
} rows[] = {
    {{"config", required_argument, NULL, 'c'}, 0,
     "--config FILE      settings (default " COMMAND_CONFIG ")"},
    {{"postconf", required_argument, NULL, 'p'}, OPTION_POSTCONF,
     "--postconf FILE    a saved `postconf` or `postconf -n` instead of asking Postfix"},
    {{"json", no_argument, NULL, 'j'}, OPTION_JSON, "--json             one JSON object a line"},
    {{"annotate", no_argument, NULL, 'a'}, OPTION_ANNOTATE,
     "--annotate         every line, with what was made of it"},
    {{"defaults", no_argument, NULL, 'd'}, OPTION_DEFAULTS,
     "--defaults         prints the settings file with every key at its default"},
    {{"no-color", no_argument, NULL, 'n'}, OPTION_COLOR, "--no-color         no colour"},
    {{"help", no_argument, NULL, 'h'}, 0, "--help             this text"},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

void complain(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("relaywatch: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static int usage(FILE *to)
{
    fputs("relaywatch " RELAYWATCH_VERSION
          ": watches a Postfix log and says which attack it shows\n\n"
          "  relaywatch COMMAND [OPTIONS] [ARGUMENTS]\n\n", to);
    for (const struct command *c = commands; c->name; c++)
        fprintf(to, "  %-9s %-18s %s\n", c->name, c->arguments, c->sentence);
    fputs("\n`relaywatch COMMAND --help` tells more; so does relaywatch(8).\n", to);
    return to == stdout ? 0 : EXIT_CANNOT;
}

static int command_usage(const struct command *c)
{
    printf("relaywatch %s [OPTIONS] %s\n\n%c%s.\n\n", c->name, c->arguments,
           c->sentence[0] - 'a' + 'A', c->sentence + 1);
    for (int i = 0; i < ROWS; i++)
        if (!rows[i].needs || rows[i].needs & c->options)
            printf("  %s\n", rows[i].help);
    printf("\n%s", c->help);
    return 0;
}

static const struct command *find_command(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (span_equal(span_str(c->name), span_str(name)))
            return c;
    return NULL;
}

static void take_option(struct command_options *options, int letter)
{
    switch (letter) {
    case 'c':
        options->config = optarg;
        break;
    case 'p':
        options->postconf = optarg;
        break;
    case 'j':
        options->json = true;
        break;
    case 'a':
        options->annotate = true;
        break;
    case 'd':
        options->defaults = true;
        break;
    case 'n':
        options->color = false;
        break;
    default:
        break;
    }
}

/* The command may stand before or after the options. */
static int run(int argc, char **argv)
{
    struct command_options options = {.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    struct option longs[ROWS + 1] = {0};
    bool help = false;
    int letter;

    for (int i = 0; i < ROWS; i++)
        longs[i] = rows[i].option;
    unsigned used = 0;
    while ((letter = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (letter == '?')
            return EXIT_CANNOT;
        help |= letter == 'h';
        for (int i = 0; i < ROWS; i++)
            if (rows[i].option.val == letter)
                used |= rows[i].needs;
        take_option(&options, letter);
    }
    if (optind == argc)
        return usage(help ? stdout : stderr);
    const struct command *c = find_command(argv[optind]);
    if (!c) {
        complain("there is no command \"%s\"; `relaywatch --help` lists them", argv[optind]);
        return EXIT_CANNOT;
    }
    if (help)
        return command_usage(c);
    options.arg = argv + optind + 1;
    options.arg_count = argc - optind - 1;
    if (used & ~c->options) {
        complain("%s does not take one of these options; see `relaywatch %s --help`", c->name,
                 c->name);
        return EXIT_CANNOT;
    }
    if (options.arg_count < c->min_arguments ||
        (c->max_arguments >= 0 && options.arg_count > c->max_arguments)) {
        complain("%s: %s: relaywatch %s %s", c->name,
                 options.arg_count < c->min_arguments ? "something is missing"
                                                      : "too many arguments",
                 c->name, c->arguments);
        return EXIT_CANNOT;
    }
    return c->run(&options);
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("standard output: could not be written");
        return EXIT_CANNOT;
    }
    return status;
}
