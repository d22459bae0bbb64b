/* SPDX-License-Identifier: MIT */
/*
 * Without --watch it prints once. With it, it redraws every second on the terminal's alternate
 * screen, and must leave that screen however it ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "common/complain.h"
#include "show/nagios_text.h"
#include "show/print.h"
#include "show/status_text.h"
#include "show/terminal.h"

enum { ROWS = 24, COLUMNS = 80, TEXT_MAX = 256 * 1024, OPEN_MAX = 100 };

/* The alternate screen, so that leaving restores what was there, and no cursor. */
#define SCREEN_ENTER "\033[?1049h\033[?25l"
#define SCREEN_LEAVE "\033[?25h\033[?1049l"
#define TO_TOP       "\033[H"
#define REST_OF_LINE "\033[K"
#define REST         "\033[J"

struct answer {
    json_t *status; /* NULL until received */
    json_t *open;
};

static void on_object(void *ctx, json_t *object)
{
    struct answer *answer = ctx;
    struct span type = span_str(json_string_value(json_object_get(object, "type")));

    /* Other types are skipped: a newer daemon may send some. */
    if (span_equal(type, SPAN("status")) && !answer->status)
        answer->status = json_incref(object);
    else if (span_equal(type, SPAN("open_incident")))
        json_array_append(answer->open, object);
}

/* severity: of as many open incidents as the daemon tells of. */
static bool ask(const struct command_options *options, bool severity, struct answer *answer,
                struct client_error *error)
{
    json_t *request = client_request("status");

    *answer = (struct answer){.open = json_array()};
    if (severity) {
        json_object_set_new(request, "severity", json_true());
        json_object_set_new(request, "open", json_integer(OPEN_MAX));
    }
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

static void draw_once(const struct command_options *options)
{
    struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};
    struct buf text = buf_new(TEXT_MAX);
    struct client_error error;
    struct answer answer;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        size = (struct winsize){.ws_row = ROWS, .ws_col = COLUMNS};
    if (ask(options, false, &answer, &error))
        status_text(&text, answer.status, answer.open, size.ws_row, size.ws_col, options->color);
    else
        buf_printf(&text, "%.*s\n", size.ws_col, error.text); /* it may be restarting */
    draw(&text);
    drop_answer(&answer);
    buf_done(&text);
}

/* Turns echo off, so that keys pressed meanwhile (^C too) don't show. `was`: the mode to
 * restore. */
static bool quiet(struct termios *was)
{
    struct termios is;

    if (tcgetattr(STDOUT_FILENO, was) < 0)
        return false;
    is = *was;
    is.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(STDOUT_FILENO, TCSANOW, &is) == 0;
}

/* Blocks the signals that end it and waits for them instead of sleeping, so that the screen is
 * always restored. */
static int watch(const struct command_options *options)
{
    static const struct timespec second = {1, 0};
    sigset_t enough, before;
    struct termios was;

    if (!isatty(STDOUT_FILENO)) {
        complain("status --watch needs a terminal");
        return EXIT_CANNOT;
    }
    sigemptyset(&enough);
    sigaddset(&enough, SIGINT);
    sigaddset(&enough, SIGTERM);
    sigaddset(&enough, SIGHUP);
    sigaddset(&enough, SIGQUIT);
    sigprocmask(SIG_BLOCK, &enough, &before);
    bool restore = quiet(&was);
    fputs(SCREEN_ENTER, stdout);
    do
        draw_once(options);
    while (sigtimedwait(&enough, NULL, &second) < 0 && (errno == EAGAIN || errno == EINTR));
    fputs(SCREEN_LEAVE, stdout);
    fflush(stdout);
    if (restore)
        tcsetattr(STDOUT_FILENO, TCSAFLUSH, &was);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return EXIT_NOTHING;
}

/* --- once ------------------------------------------------------------------------------------- */

static void print_answer(const struct command_options *options, const struct answer *answer)
{
    struct buf text = buf_new(TEXT_MAX);

    if (options->json) {
        print_json(json_incref(answer->status));
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
    else if (ask(options, true, &answer, &error))
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
    if (ask(options, false, &answer, &error)) {
        print_answer(options, &answer);
    } else {
        complain("%s", error.text);
        status = EXIT_CANNOT;
    }
    drop_answer(&answer);
    return status;
}
