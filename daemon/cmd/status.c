/* SPDX-License-Identifier: MIT */
/*
 * Without --watch it prints once. With it, it redraws every second on the terminal's alternate
 * screen, and must leave that screen however it ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "common/complain.h"
#include "show/nagios_text.h"
#include "show/print.h"
#include "show/status_text.h"
#include "show/terminal.h"
#include "show/watch_text.h"

enum { ROWS = 24, COLUMNS = 80, TEXT_MAX = 256 * 1024, OPEN_MAX = 100 };

/* The alternate screen, so that leaving restores what was there, and no cursor. */
#define SCREEN_ENTER "\033[?1049h\033[?25l"
#define SCREEN_LEAVE "\033[?25h\033[?1049l"
#define TO_TOP       "\033[H"
#define REST_OF_LINE "\033[K"
#define REST         "\033[J"

struct answer {
    json_t *status; /* NULL until received */
    json_t *open, *hosts;
    json_t *rates, *nearest; /* of "activity"; NULL unless received */
};

static void on_object(void *ctx, json_t *object)
{
    struct answer *answer = ctx;
    struct span type = span_str(json_string_value(json_object_get(object, "type")));

    /* Other types are skipped: a newer daemon may send some. */
    if (span_equal(type, SPAN("status")) && !answer->status)
        answer->status = json_incref(object);
    else if (span_equal(type, SPAN("rates")) && !answer->rates)
        answer->rates = json_incref(object);
    else if (span_equal(type, SPAN("open_incident")))
        json_array_append(answer->open, object);
    else if (span_equal(type, SPAN("host")))
        json_array_append(answer->hosts, object);
    else if (span_equal(type, SPAN("nearest")))
        json_array_append(answer->nearest, object);
}

/* severity: asks for it, too, which takes the daemon a look at each incident. open: of how many; 0:
 * of those that a screen shows. */
static bool ask(const struct command_options *options, bool severity, int open,
                struct answer *answer, struct client_error *error)
{
    json_t *request = client_request("status");

    *answer = (struct answer){.open = json_array(), .hosts = json_array(), .nearest = json_array()};
    if (options->json)
        json_object_set_new(request, "hosts", json_true());
    if (severity)
        json_object_set_new(request, "severity", json_true());
    if (open)
        json_object_set_new(request, "open", json_integer(open));
    if (!client_ask(options->socket, request, on_object, answer, error))
        return false;
    if (!answer->status)
        snprintf(error->text, sizeof(error->text), "the daemon's answer has no status");
    return answer->status != NULL;
}

static void drop_answer(struct answer *answer)
{
    json_decref(answer->status);
    json_decref(answer->open);
    json_decref(answer->hosts);
    json_decref(answer->rates);
    json_decref(answer->nearest);
}

/* --- every second ----------------------------------------------------------------------------- */

/* Overwrites line by line, in one write, so that nothing flickers. */
static void draw(const struct buf *text)
{
    struct buf out = buf_new(2 * TEXT_MAX);
    struct span rest = buf_span(text);
    ptrdiff_t n;

    buf_add_str(&out, TO_TOP);
    for (bool first = true; (n = span_find(rest, '\n')) >= 0; first = false) {
        buf_add_str(&out, first ? "" : "\r\n");
        buf_add(&out, span_head(rest, (size_t)n));
        buf_add_str(&out, REST_OF_LINE);
        rest = span_skip(rest, (size_t)n + 1);
    }
    buf_add_str(&out, REST);
    if (out.at)
        fwrite(out.at, 1, out.len, stdout);
    fflush(stdout);
    buf_done(&out);
}

/* Whether the terminal may be sent more than ASCII, as the environment says. */
static bool is_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

/* An older daemon knows no "activity": then there are no rates. */
static void draw_once(const struct command_options *options)
{
    struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};
    struct buf text = buf_new(TEXT_MAX);
    struct client_error error, none;
    struct answer answer;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        size = (struct winsize){.ws_row = ROWS, .ws_col = COLUMNS};
    if (ask(options, false, 0, &answer, &error)) {
        client_ask(options->socket, client_request("activity"), on_object, &answer, &none);
        const struct watch_view view = {answer.status, answer.rates, answer.nearest, answer.open};
        const struct watch_screen screen = {size.ws_row, size.ws_col, options->color, is_unicode()};
        watch_text(&text, &view, &screen);
    } else {
        buf_printf(&text, "%.*s\n", size.ws_col, error.text); /* it may be restarting */
    }
    draw(&text);
    drop_answer(&answer);
    buf_done(&text);
}

/* Turns off echo and line editing, so that keys come at once and don't show; ^C stays a signal.
 * `was`: the mode to restore. */
static bool quiet(struct termios *was)
{
    struct termios is;

    if (tcgetattr(STDIN_FILENO, was) < 0)
        return false;
    is = *was;
    is.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    is.c_cc[VMIN] = 1;
    is.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &is) == 0;
}

/* Waits for a second, a key or a signal; true if that was the end: q, or any signal but that the
 * window has another size. keys: -1 if none can come. */
static bool wait_for_end(int signals, int *keys)
{
    struct pollfd fds[] = {{.fd = signals, .events = POLLIN}, {.fd = *keys, .events = POLLIN}};
    struct signalfd_siginfo info;
    char key[16];
    ssize_t n;

    if (poll(fds, 2, 1000) <= 0)
        return false;
    if (fds[0].revents && read(signals, &info, sizeof(info)) == sizeof(info))
        return info.ssi_signo != SIGWINCH;
    if (!fds[1].revents)
        return false;
    n = read(*keys, key, sizeof(key));
    if (n <= 0)
        *keys = -1; /* its end: poll passes over it */
    return n > 0 && (memchr(key, 'q', (size_t)n) || memchr(key, 'Q', (size_t)n));
}

/* Blocks the signals that end it and reads them instead, so that the screen is always restored. */
static int watch(const struct command_options *options)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
    int keys = isatty(STDIN_FILENO) ? STDIN_FILENO : -1, signals;
    sigset_t enough, before;
    struct termios was;

    if (!isatty(STDOUT_FILENO)) {
        complain("status --watch needs a terminal");
        return EXIT_CANNOT;
    }
    sigemptyset(&enough);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        sigaddset(&enough, numbers[i]);
    sigprocmask(SIG_BLOCK, &enough, &before);
    signals = signalfd(-1, &enough, SFD_CLOEXEC);
    if (signals < 0) {
        complain("status --watch: %s", strerror(errno));
        return EXIT_CANNOT;
    }
    bool restore = quiet(&was);
    fputs(SCREEN_ENTER, stdout);
    do
        draw_once(options);
    while (!wait_for_end(signals, &keys));
    fputs(SCREEN_LEAVE, stdout);
    fflush(stdout);
    if (restore)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return EXIT_NOTHING;
}

/* --- once ------------------------------------------------------------------------------------- */

static void print_answer(const struct command_options *options, const struct answer *answer)
{
    struct buf text = buf_new(TEXT_MAX);

    if (options->json) {
        print_json(json_incref(answer->status));
        for (size_t i = 0; i < json_array_size(answer->hosts); i++)
            print_json(json_incref(json_array_get(answer->hosts, i)));
        for (size_t i = 0; i < json_array_size(answer->open); i++)
            print_json(json_incref(json_array_get(answer->open, i)));
        return;
    }
    status_text(&text, answer->status, answer->open, ROWS, terminal_columns(COLUMNS),
                options->color);
    if (text.at)
        fputs(text.at, stdout);
    buf_done(&text);
}

/* One line on standard output, whatever happens: the monitoring shows nothing else. */
static int plugin(const struct command_options *options)
{
    struct buf text = buf_new(TEXT_MAX);
    enum nagios_state state;
    struct client_error error;
    struct answer answer = {0};

    if (options->watch || options->json)
        state = nagios_unknown(&text, "--nagios goes with neither --watch nor --json");
    else if (ask(options, true, OPEN_MAX, &answer, &error))
        state = nagios_text(&text, answer.status, answer.open);
    else
        state = nagios_unknown(&text, error.text);
    fputs(text.at ? text.at : "", stdout);
    drop_answer(&answer);
    buf_done(&text);
    return (int)state;
}

int status_run(const struct command_options *options)
{
    struct client_error error;
    struct answer answer;
    int status = EXIT_NOTHING;

    if (options->nagios)
        return plugin(options);
    if (options->watch)
        return watch(options);
    if (ask(options, true, 0, &answer, &error)) {
        print_answer(options, &answer);
    } else {
        complain("%s", error.text);
        status = EXIT_CANNOT;
    }
    drop_answer(&answer);
    return status;
}
