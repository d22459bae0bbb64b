/* SPDX-License-Identifier: MIT */
/*
 * The table of commands is the only place that lists them; --help, the shell completion's test and
 * the manual's test all read it from here. One option parser serves all commands, and each names
 * the options it accepts.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/span.h"
#include "cmd/commands.h"
#include "common/complain.h"
#include "common/libc.h"
#include "common/spawn.h"
#include "control/protocol.h"
#include "service/run.h"
#include "show/terminal.h"

/* In the order --help lists them; ended by one without a name. */
static const struct command commands[] = {
    {"scan", "FILE...", "reads whole logs and says which attacks they show",
     "FILE is a log, plain or compressed with gzip or zstd; \"-\" for standard input; a .journal\n"
     "file or a directory of them. Several are read oldest first, in whatever order you name "
     "them.\n"
     "\n"
     "Exit status: 0 nothing found, 1 at least one incident, 2 failure: nothing in it, or no line "
     "of "
     "a\n"
     "log. One of several that can't be read, or is no log, is said and left out; the status is "
     "then\n"
     "2, or 1 if the others show an incident.\n",
     OPTION_JSON | OPTION_POSTCONF | OPTION_ANNOTATE | OPTION_COLOR | OPTION_TRACE, 1, -1,
     scan_run},
    {"suggest", "FILE...", "reads a month of logs and prints the settings for this site",
     "Thresholds and overrides under which these logs raise nothing, with a margin, and why. "
     "Beside\n"
     "each: the highest that was normal, and how many times that the threshold is. A log of fewer\n"
     "than 28 days is too short, which is said. What\n"
     "looks like an attack is not excused: it is listed first. Put the output into the settings\n"
     "file, check it with `relaywatch check`, and reload. FILE is as for `scan`.\n"
     "\n"
     "Exit status: 0, or 2 if the logs could not be read.\n",
     OPTION_POSTCONF, 1, -1, suggest_run},
    {"explain", "QUEUEID [FILE...]", "one message: its way through every hop, the verdict",
     "Without a FILE, asks the running daemon and finds the lines in the log it follows. That log\n"
     "also tells of a message that the daemon has forgotten; with --all, of each that ever had\n"
     "that ID, on any host. HOST/QUEUEID, or --host HOST QUEUEID, is the one on that host.\n"
     "\n"
     "Exit status: 0 the message was found, 1 it was not, 2 failure.\n",
     OPTION_JSON | OPTION_POSTCONF | OPTION_COLOR | OPTION_SOCKET | OPTION_ALL | OPTION_HOST, 1, -1,
     explain_run},
    {"report", "[ID] [FILE...]", "a page in HTML of one incident, or of all that logs show",
     "With an incident's ID alone, asks the running daemon, and plots from the log it follows. "
     "With\n"
     "FILE, as for `scan`: an overview of these logs, or with an ID before them that incident. "
     "The\n"
     "page loads nothing, has no script, and prints on two sheets of A4.\n"
     "\n"
     "Exit status: 0, or 2 if there is no such incident, no daemon answers, or a log can't be "
     "read.\n",
     OPTION_POSTCONF | OPTION_SOCKET | OPTION_OUTPUT, 1, -1, report_run},
    {"check", "", "what was understood: settings, own domains, trusted networks, warnings",
     "Reads the end of the log that the daemon would follow, too: whether its form is known, how "
     "much\n"
     "of it is Postfix's and how old that is, and which hosts have gone silent. Changes nothing.\n"
     "\n"
     "Exit status: 0 clean, 1 warnings, 2 bad settings.\n",
     OPTION_JSON | OPTION_POSTCONF | OPTION_DEFAULTS | OPTION_QUIET | OPTION_COLOR, 0, 0,
     check_run},
    {"run", "", "the daemon: follows the log and raises alerts",
     "Made for systemd (Type=notify). In a terminal it logs to standard error. SIGHUP reloads the\n"
     "settings and asks Postfix again, SIGUSR1 logs the counters, SIGTERM saves and exits. The\n"
     "state is kept in $STATE_DIRECTORY, by default /var/lib/relaywatch.\n"
     "\n"
     "Exit status: 0, or 2 if it could not start or go on.\n",
     OPTION_POSTCONF | OPTION_SOCKET | OPTION_TRACE, 0, 0, run_run},
    {"status", "", "the running daemon: sources, rates, messages, open incidents",
     "With --nagios, prints one line for a monitoring system, figures included. Exit status then:\n"
     "0 OK, 1 WARNING (an open incident, or attacks may go unseen), 2 CRITICAL (an open incident\n"
     "of severity critical), 3 UNKNOWN (no daemon answers). Incidents of severity info are OK.\n"
     "\n"
     "Exit status: 0, or 2 if no daemon answers.\n",
     OPTION_JSON | OPTION_SOCKET | OPTION_WATCH | OPTION_COLOR | OPTION_NAGIOS, 0, 0, status_run},
    {"incidents", "", "the running daemon's open and recent incidents",
     "Recent means ended in the last 24 hours; --all shows all that are remembered.\n"
     "\n"
     "Exit status: 0, or 2 if no daemon answers.\n",
     OPTION_JSON | OPTION_SOCKET | OPTION_ALL | OPTION_COLOR, 0, 0, incidents_run},
    {"show", "ID", "one incident in full",
     "Exit status: 0, or 2 if there is no such incident or no daemon answers.\n",
     OPTION_JSON | OPTION_SOCKET | OPTION_COLOR, 1, 1, show_run},
    {"queue", "ID", "the queue IDs of an incident that are still queued, one per line",
     "Made for `relaywatch queue ID | postsuper -h -`, which puts them on hold. Leaves out those\n"
     "already on hold; --all includes them (`... --all | postsuper -d -` deletes all).\n"
     "\n"
     "Of an incident that is counted across the hosts of a fleet ([site] fleet), each line is "
     "HOST,\n"
     "a tab, and the queue ID. With --host, only the queue IDs on that host, one per line:\n"
     "`relaywatch queue --host mx1 ID | ssh mx1 postsuper -h -`.\n"
     "\n"
     "Exit status: 0, or 2 if there is no such incident or host, or no daemon answers.\n",
     OPTION_JSON | OPTION_SOCKET | OPTION_ALL | OPTION_HOST, 1, 1, queue_run},
    {"clients", "ID", "the client addresses of an incident, one per line",
     "Made for a firewall, or for an access table: `... | sed 's/$/ REJECT/'`. The most active "
     "come\n"
     "first. Says on standard error if there were more than are remembered.\n"
     "\n"
     "Exit status: 0, or 2 if there is no such incident or no daemon answers.\n",
     OPTION_SOCKET, 1, 1, clients_run},
    {"close", "ID [REASON...]", "no more alerts of an incident: a person has decided",
     "The REASON is kept and shown. The incident is not raised again for the same key until it "
     "has\n"
     "ended, unless it grows tenfold: then it is reopened.\n"
     "\n"
     "Exit status: 0, or 2 if there is no such incident or no daemon answers.\n",
     OPTION_JSON | OPTION_SOCKET, 1, -1, close_run},
    {"test-alert", "", "sends a marked test alert by every way, and says what became of it",
     "The journal or syslog, and the command of [alert], whatever `events` says. What the command\n"
     "gets is {\"type\":\"test\",\"event\":\"test\",\"host\":...,\"text\":...}.\n"
     "\n"
     "Exit status: 0 every way took it, 1 one of them failed, 2 no daemon answers.\n",
     OPTION_JSON | OPTION_SOCKET, 0, 0, test_alert_run},
    {0},
};

static const struct {
    struct option option;
    unsigned needs; /* OPTION_*; 0: every command */
    const char *help;
} rows[] = {
    {{"config", required_argument, NULL, 'c'},
     0,
     "--config FILE      settings (default " COMMAND_CONFIG ")"},
    {{"postconf", required_argument, NULL, 'p'},
     OPTION_POSTCONF,
     "--postconf FILE    a saved `postconf` or `postconf -n` instead of asking Postfix"},
    {{"json", no_argument, NULL, 'j'}, OPTION_JSON, "--json             one JSON object per line"},
    {{"annotate", no_argument, NULL, 'a'},
     OPTION_ANNOTATE,
     "--annotate         every line, with what it was read as"},
    {{"defaults", no_argument, NULL, 'd'},
     OPTION_DEFAULTS,
     "--defaults         print the settings file with every key at its default"},
    {{"quiet", no_argument, NULL, 'q'},
     OPTION_QUIET,
     "--quiet            only the errors of the settings file; 0 unless there are any"},
    {{"socket", required_argument, NULL, 's'},
     OPTION_SOCKET,
     "--socket PATH      the daemon's socket (default " CONTROL_SOCKET ")"},
    {{"watch", no_argument, NULL, 'w'},
     OPTION_WATCH,
     "--watch            refresh every second, until q or ^C"},
    {{"nagios", no_argument, NULL, 'N'},
     OPTION_NAGIOS,
     "--nagios           one line and an exit status for Nagios, Icinga and the like"},
    {{"output", required_argument, NULL, 'o'},
     OPTION_OUTPUT,
     "--output FILE      write the page to FILE instead of standard output; also -o FILE"},
    {{"host", required_argument, NULL, 'H'}, OPTION_HOST, "--host NAME        of that host only"},
    {{"all", no_argument, NULL, 'A'},
     OPTION_ALL,
     "--all              include what is otherwise left out (see below)"},
    {{"trace", required_argument, NULL, 't'},
     OPTION_TRACE,
     "--trace AREA       say on standard error what was decided and why: record, link, site,\n"
     "                     judge, detect, source, state or all; several with commas"},
    {{"no-color", no_argument, NULL, 'n'}, OPTION_COLOR, "--no-color         no colour"},
    {{"help", no_argument, NULL, 'h'}, 0, "--help             this text"},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static int usage(FILE *to)
{
    fputs("relaywatch " RELAYWATCH_VERSION
          ": watches a Postfix log and says which attack it shows\n\n"
          "  relaywatch COMMAND [OPTIONS] [ARGUMENTS]\n\n",
          to);
    for (const struct command *c = commands; c->name; c++)
        fprintf(to, "  %-10s %-18s %s\n", c->name, c->arguments, c->sentence);
    fputs("\n`relaywatch COMMAND --help` and relaywatch(8) tell more; --version prints the "
          "version.\n",
          to);
    return to == stdout ? 0 : EXIT_CANNOT;
}

static int command_usage(const struct command *c)
{
    printf("relaywatch %s [OPTIONS]%s%s\n\n%c%s.\n\n", c->name, c->arguments[0] ? " " : "",
           c->arguments, c->sentence[0] - 'a' + 'A', c->sentence + 1);
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

/* Stores one option. Whether the command takes it is checked once all are known. */
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
    case 'q':
        options->quiet = true;
        break;
    case 's':
        options->socket = optarg;
        break;
    case 'w':
        options->watch = true;
        break;
    case 'N':
        options->nagios = true;
        break;
    case 'A':
        options->all = true;
        break;
    case 'o':
        options->output = optarg;
        break;
    case 'H':
        options->host = optarg;
        break;
    case 't':
        options->trace = optarg;
        break;
    case 'n':
        options->color = false;
        break;
    default:
        break;
    }
}

/* used: the options that were given. */
static bool takes_all(const struct command *c, unsigned used)
{
    int i = 0;

    while (i < ROWS && !(rows[i].needs & used & ~c->options))
        i++;
    if (i < ROWS)
        complain("%s does not take --%s; see `relaywatch %s --help`", c->name, rows[i].option.name,
                 c->name);
    return i == ROWS;
}

/* getopt permutes argv, so the command may come before or after the options. */
static int run(int argc, char **argv)
{
    struct command_options options = {.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
    struct option longs[ROWS + 2] = {[ROWS] = {"version", no_argument, NULL, 'V'}};
    bool help = false;
    int letter;

    for (int i = 0; i < ROWS; i++)
        longs[i] = rows[i].option;
    unsigned used = 0;
    argv[0] = (char[]){"relaywatch"}; /* the prefix of getopt's error messages */
    while ((letter = getopt_long(argc, argv, "ho:", longs, NULL)) != -1) {
        if (letter == '?')
            return EXIT_CANNOT;
        if (letter == 'V')
            return puts("relaywatch " RELAYWATCH_VERSION) < 0 ? EXIT_CANNOT : 0;
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
    if (!takes_all(c, used))
        return EXIT_CANNOT;
    if (options.arg_count < c->min_arguments ||
        (c->max_arguments >= 0 && options.arg_count > c->max_arguments)) {
        complain("%s: %s: relaywatch %s %s", c->name,
                 options.arg_count < c->min_arguments ? "an argument is missing"
                                                      : "too many arguments",
                 c->name, c->arguments);
        return EXIT_CANNOT;
    }
    return c->run(&options);
}

int main(int argc, char **argv)
{
    spawn_allow_all_files(); /* each log stays open, for it may be renamed before it is read */
    libc_keep_tables_apart();
    terminal_look();
    int status = run(argc, argv);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("cannot write to standard output");
        return EXIT_CANNOT;
    }
    return status;
}
