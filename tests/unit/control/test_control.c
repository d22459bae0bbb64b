/* SPDX-License-Identifier: MIT */
#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "daemon_thread.h"
#include "common/log.h"
#include "rows.h"

static int join(const struct daemon *d)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {20, 0};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", d->path);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, const char *text, size_t len)
{
    ck_assert_int_eq(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void say_line(int fd, const char *text)
{
    say(fd, text, strlen(text));
    say(fd, "\n", 1);
}

/* The next line, with its newline, and no byte of what follows it; 0 at the end. */
static size_t handle_line(int fd, char *line, size_t size)
{
    size_t len = 0;
    ssize_t n;

    while ((n = recv(fd, line + len, size - len, MSG_PEEK)) > 0) {
        const char *end = memchr(line + len, '\n', (size_t)n);
        size_t take = end ? (size_t)(end - line) + 1 - len : (size_t)n;
        ck_assert_int_eq(recv(fd, line + len, take, 0), (ssize_t)take);
        len += take;
        if (end)
            return len;
        ck_assert_uint_lt(len, size);
    }
    return len;
}

/* Reads to the end of an answer, or of the connection; the whole of it, for free(). */
static char *read_answer(int fd)
{
    enum { LINE = 512 * 1024 };
    size_t len = 0, room = 2 * LINE, n;
    char *text = malloc(room);

    while ((n = handle_line(fd, text + len, LINE)) > 0) {
        struct span line = span_of(text + len, n);
        len += n;
        if (span_equal(line, SPAN("{\"type\":\"end\"}\n")) ||
            span_starts(line, SPAN("{\"type\":\"error\"")))
            break;
        if (room - len < LINE + 1)
            text = realloc(text, room *= 2);
    }
    text[len] = '\0';
    return text;
}

static void want_answer(int fd, const char *part)
{
    char *got = read_answer(fd);

    ck_assert_msg(strstr(got, part), "got %.300s, want %s", got, part);
    free(got);
}

static bool is_closed(int fd)
{
    char byte;
    ssize_t n;

    while ((n = recv(fd, &byte, 1, 0)) > 0)
        ;
    return n == 0 || errno == ECONNRESET;
}

/* Places come free when the loop sees that their clients have gone. One request is answered. */
static int join_when_there_is_room(const struct daemon *d)
{
    while (true) {
        int fd = join(d);
        (void)!send(fd, "{\"v\":1,\"command\":\"counters\"}\n", 29, MSG_NOSIGNAL);
        char *got = read_answer(fd);
        bool in = strstr(got, "{\"type\":\"end\"}") != NULL;
        free(got);
        if (in)
            return fd;
        close(fd);
    }
}

START_TEST(several_requests_on_one_connection)
{
    struct daemon d;

    daemon_init(&d);
    daemon_start(&d);
    int fd = join(&d);
    for (int i = 0; i < 3; i++) {
        say_line(fd, "{\"v\":1,\"command\":\"status\"}");
        want_answer(fd, "{\"type\":\"end\"}");
    }
    /* Two in one piece are answered one after the other. */
    say_line(fd, "{\"v\":1,\"command\":\"nothing\"}\n{\"v\":1,\"command\":\"counters\"}");
    want_answer(fd, "there is no command \\\"nothing\\\"");
    want_answer(fd, "{\"type\":\"end\"}");
    close(fd);
    daemon_stop(&d);
    want_number("requests", (int64_t)control_counters(d.control)->requests, 5);
    want_number("refreshed", d.refreshed, 5);
    daemon_done(&d);
}
END_TEST

START_TEST(client_may_end_its_side_first)
{
    struct daemon d;

    daemon_init(&d);
    daemon_start(&d);
    int fd = join(&d);
    say_line(fd, "{\"v\":1,\"command\":\"status\"}");
    shutdown(fd, SHUT_WR);
    want_answer(fd, "{\"type\":\"end\"}");
    ck_assert(is_closed(fd));
    close(fd);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

static const struct {
    const char *name, *request, *answer;
} wrongs[] = {
    {"empty", "", "that is not a request"},
    {"no JSON", "status", "that is not a request"},
    {"no object", "[1]", "that is not a request"},
    {"no version", "{\"command\":\"status\"}", "that is not a request"},
    {"another version", "{\"v\":2,\"command\":\"status\"}", "version 2 of the protocol"},
    {"version as text", "{\"v\":\"1\",\"command\":\"status\"}", "that is not a request"},
    {"no command", "{\"v\":1}", "there is no command"},
    {"binary", "\x01\xff\xfe{\"v\":1}\x80", "that is not a request"},
    {"command of another type", "{\"v\":1,\"command\":{}}", "there is no command"},
    {"twice", "{\"v\":1,\"v\":1,\"command\":\"status\"}", "that is not a request"},
    {"show without id", "{\"v\":1,\"command\":\"show\"}", "there is no incident"},
    {"hostile id", "{\"v\":1,\"command\":\"show\",\"id\":\"\\u001b[31m\\n\"}",
     "no incident \\\"\\u001B[31m\\n"},
    {"no queue ID", "{\"v\":1,\"command\":\"explain\",\"queue_id\":\"-x\"}",
     "that is not a queue ID"},
    {"deep", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "that is not a request"},
};

START_TEST(wrong_requests_get_an_error)
{
    struct daemon d;

    daemon_init(&d);
    daemon_start(&d);
    int fd = join(&d);
    say_line(fd, wrongs[_i].request);
    want_answer(fd, wrongs[_i].answer);
    say_line(fd, "{\"v\":1,\"command\":\"counters\"}");
    want_answer(fd, "{\"type\":\"end\"}");
    close(fd);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(long_lines_end_the_connection)
{
    static char text[CONTROL_REQUEST_MAX];
    struct daemon d;

    memset(text, 'x', sizeof(text));
    daemon_init(&d);
    daemon_start(&d);
    int fd = join(&d);
    say(fd, text, sizeof(text));
    (void)!send(fd, text, sizeof(text), MSG_NOSIGNAL);
    want_answer(fd, "at most 4096 bytes");
    ck_assert(is_closed(fd));
    close(fd);
    /* A request of the full length is one. */
    memset(text, ' ', sizeof(text));
    const char request[] = "{\"v\":1,\"command\":\"counters\"}";
    memcpy(text, request, strlen(request));
    text[sizeof(text) - 1] = '\n';
    fd = join(&d);
    say(fd, text, sizeof(text));
    want_answer(fd, "{\"type\":\"end\"}");
    close(fd);
    daemon_stop(&d);
    want_number("wrong", (int64_t)control_counters(d.control)->wrong, 1);
    daemon_done(&d);
}
END_TEST

START_TEST(half_a_request_and_gone)
{
    static const char half[] = "{\"v\":1,\"comm", whole[] = "{\"v\":1,\"command\":\"status\"}\n";
    struct daemon d;

    daemon_init(&d);
    daemon_start(&d);
    for (int i = 0; i < 50; i++) {
        int fd = join(&d);
        (void)!send(fd, half, strlen(half), MSG_NOSIGNAL); /* it may be one too many */
        close(fd);
    }
    /* A whole one, but nobody is there to read the answer. */
    for (int i = 0; i < 50; i++) {
        int fd = join(&d);
        (void)!send(fd, whole, strlen(whole), MSG_NOSIGNAL);
        close(fd);
    }
    int fd = join_when_there_is_room(&d);
    say_line(fd, "{\"v\":1,\"command\":\"status\"}");
    want_answer(fd, "{\"type\":\"end\"}");
    close(fd);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(one_client_too_many)
{
    struct daemon d;
    int fd[CONTROL_CLIENTS_MAX];

    daemon_init(&d);
    daemon_start(&d);
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        fd[i] = join(&d);
        say_line(fd[i], "{\"v\":1,\"command\":\"counters\"}");
        want_answer(fd[i], "{\"type\":\"end\"}");
    }
    int more = join(&d);
    want_answer(more, "too many clients");
    ck_assert(is_closed(more));
    close(more);
    close(fd[0]);
    close(join_when_there_is_room(&d));
    for (int i = 1; i < CONTROL_CLIENTS_MAX; i++)
        close(fd[i]);
    daemon_stop(&d);
    ck_assert_uint_ge(control_counters(d.control)->refused, 1);
    daemon_done(&d);
}
END_TEST

/* It asks for a lot and reads nothing: little is made for it, others are served, and when it reads
 * in the end it gets all. */
START_TEST(slow_reader_holds_up_nobody)
{
    enum { MESSAGES = 60000 };
    struct daemon d;

    daemon_init(&d);
    attack_messages(&d.attack, MESSAGES, 1);
    char request[128];
    snprintf(request, sizeof(request), "{\"v\":1,\"command\":\"queue\",\"id\":\"%s\"}",
             d.attack.pipeline->detector.incident[0].id);
    daemon_start(&d);
    int slow = join(&d), other = join(&d);
    say_line(slow, request);
    for (int i = 0; i < 20; i++) {
        say_line(other, "{\"v\":1,\"command\":\"counters\"}");
        want_answer(other, "{\"type\":\"end\"}");
    }
    char *got = read_answer(slow);
    int ids = 0;
    for (const char *at = got; (at = strstr(at, "\"A")); at++)
        ids++;
    free(got);
    want_number("ids", ids, MESSAGES);
    close(slow);
    close(other);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(who_never_reads_is_dropped)
{
    enum { MESSAGES = 60000 };
    struct daemon d;

    daemon_init(&d);
    d.slow = 30 * 1000;
    attack_messages(&d.attack, MESSAGES, 1);
    char request[128];
    snprintf(request, sizeof(request), "{\"v\":1,\"command\":\"queue\",\"id\":\"%s\"}",
             d.attack.pipeline->detector.incident[0].id);
    daemon_start(&d);
    int slow = join(&d);
    say_line(slow, request);
    /* It is gone when writing to it fails. */
    while (send(slow, "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN)
        usleep(5000);
    char *got = read_answer(slow);
    ck_assert_ptr_null(strstr(got, "\"end\""));
    ck_assert_uint_lt(strlen(got), 600 * 1024);
    free(got);
    close(slow);
    daemon_stop(&d);
    want_number("slow", (int64_t)control_counters(d.control)->slow, 1);
    daemon_done(&d);
}
END_TEST

/* --- the file --------------------------------------------------------------------------------- */

START_TEST(socket_has_the_mode_and_goes_at_the_end)
{
    struct daemon d;
    struct stat st;

    daemon_init(&d);
    daemon_open(&d);
    ck_assert_int_eq(stat(d.path, &st), 0);
    ck_assert(S_ISSOCK(st.st_mode));
    want_number("mode", st.st_mode & 07777, 0660);
    daemon_done(&d);
}
END_TEST

START_TEST(dead_daemons_socket_is_replaced)
{
    struct daemon d;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    daemon_init(&d);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", d.path);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    daemon_open(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(living_daemons_socket_is_left)
{
    struct daemon d;
    struct control *second = NULL;

    daemon_init(&d);
    daemon_open(&d);
    struct control_options options = {.path = d.path};
    want_number("second", control_new(d.base, &options, &d.runtime, &second), -EADDRINUSE);
    ck_assert_ptr_null(second);
    ck_assert_int_eq(access(d.path, F_OK), 0);
    daemon_done(&d);
}
END_TEST

START_TEST(other_peoples_files_are_left)
{
    struct daemon d;
    struct control *control = NULL;

    daemon_init(&d);
    int fd = open(d.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct control_options options = {.path = d.path};
    want_number("file", control_new(d.base, &options, &d.runtime, &control), -EEXIST);
    ck_assert_int_eq(unlink(d.path), 0);
    options.path = "/nonexistent/control";
    want_number("no directory", control_new(d.base, &options, &d.runtime, &control), -ENOENT);
    char long_path[200];
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    options.path = long_path;
    want_number("long", control_new(d.base, &options, &d.runtime, &control), -ENAMETOOLONG);
    daemon_done(&d);
}
END_TEST

START_TEST(unknown_group_leaves_it_to_the_owner)
{
    struct daemon d;
    struct stat st;

    daemon_init(&d);
    struct control_options options = {.path = d.path, .group = "no-such-group-here"};
    ck_assert_int_eq(control_new(d.base, &options, &d.runtime, &d.control), 0);
    ck_assert_int_eq(stat(d.path, &st), 0);
    want_number("mode", st.st_mode & 07777, 0600);
    daemon_done(&d);
}
END_TEST

int main(void)
{
    static const struct log_socket_paths nowhere = {NULL, NULL};
    TCase *tc = tcase_create("control");

    log_open(false, &nowhere);
    tcase_add_test(tc, several_requests_on_one_connection);
    tcase_add_test(tc, client_may_end_its_side_first);
    ADD_ROWS(tc, wrong_requests_get_an_error, wrongs);
    tcase_add_test(tc, long_lines_end_the_connection);
    tcase_add_test(tc, half_a_request_and_gone);
    tcase_add_test(tc, one_client_too_many);
    tcase_add_test(tc, slow_reader_holds_up_nobody);
    tcase_add_test(tc, who_never_reads_is_dropped);
    tcase_add_test(tc, socket_has_the_mode_and_goes_at_the_end);
    tcase_add_test(tc, dead_daemons_socket_is_replaced);
    tcase_add_test(tc, living_daemons_socket_is_left);
    tcase_add_test(tc, other_peoples_files_are_left);
    tcase_add_test(tc, unknown_group_leaves_it_to_the_owner);
    return run_suite("control", tc);
}
