/* SPDX-License-Identifier: MIT */
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
#include "show/print.h"
#include "show/status_text.h"

enum { ROWS = 24, COLUMNS = 80, TEXT_MAX = 256 * 1024 };

/* The alternate screen, so that ^C gives back what stood there; and no cursor. */
#define SCREEN_ENTER "\033[?1049h\033[?25l"
#define SCREEN_LEAVE "\033[?25h\033[?1049l"
#define TO_TOP       "\033[H"
#define REST_OF_LINE "\033[K"
#define REST         "\033[J"

struct heard {
    json_t *status; /* NULL before it is there */
    json_t *open;
};

static void hear(void *ctx, json_t *object)
{
    struct heard *heard = ctx;
    struct span type = span_str(json_string_value(json_object_get(object, "type")));

    if (span_equal(type, SPAN("status")) && !heard->status)
        heard->status = json_incref(object);
    else if (span_equal(type, SPAN("open_incident")))
        json_array_append(heard->open, object);
}

static bool ask(const struct command_options *options, struct heard *heard,
                struct client_error *error)
{
    *heard = (struct heard){.open = json_array()};
    if (!client_ask(options->socket, client_request("status"), hear, heard, error))
        return false;
    if (!heard->status)
        snprintf(error->text, sizeof(error->text), "the daemon's answer holds no status");
    return heard->status != NULL;
}

static void forget(struct heard *heard)
{
    json_decref(heard->status);
    json_decref(heard->open);
}

/* --- each second ------------------------------------------------------------------------------ */

/* Each line over the one that stood there: nothing flickers. One write, however long. */
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
    struct heard heard;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        size = (struct winsize){.ws_row = ROWS, .ws_col = COLUMNS};
    if (ask(options, &heard, &error))
        status_text(&text, heard.status, heard.open, size.ws_row, size.ws_col, options->color);
    else
        buf_printf(&text, "%.*s\n", size.ws_col, error.text); /* it may be restarted just now */
    draw(&text);
    forget(&heard);
    buf_done(&text);
}

/* Keys that are hit meanwhile, ^C among them, don't show. `was` is for restore. */
static bool quiet(struct termios *was)
{
    struct termios is;

    if (tcgetattr(STDOUT_FILENO, was) < 0)
        return false;
    is = *was;
    is.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(STDOUT_FILENO, TCSANOW, &is) == 0;
}

/* The signals that end it are waited for instead of the second, and so never come in between. */
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

static void print_heard(const struct command_options *options, const struct heard *heard)
{
    struct buf text = buf_new(TEXT_MAX);

    if (options->json) {
        print_json(json_incref(heard->status));
        for (size_t i = 0; i < json_array_size(heard->open); i++)
            print_json(json_incref(json_array_get(heard->open, i)));
        return;
    }
    status_text(&text, heard->status, heard->open, ROWS, COLUMNS, options->color);
    if (text.at)
        fputs(text.at, stdout);
    buf_done(&text);
}

int status_run(const struct command_options *options)
{
    struct client_error error;
    struct heard heard;
    int status = EXIT_NOTHING;

    if (options->watch)
        return watch(options);
    if (ask(options, &heard, &error)) {
        print_heard(options, &heard);
    } else {
        complain("%s", error.text);
        status = EXIT_CANNOT;
    }
    forget(&heard);
    return status;
}
