/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <fcntl.h>

#include "journal_end.h"
#include "rows.h"

static void want_field(const char *datagram, ssize_t len, const char *name, const char *want)
{
    char value[4096];

    ck_assert_int_gt(len, 0);
    ck_assert_msg(journal_field(datagram, (size_t)len, name, value, sizeof(value)), "no %s", name);
    want_text(name, value, want);
}

START_TEST(journal_gets_priority_and_identifier)
{
    struct journal_end end;
    char got[4096];

    journal_end_open(&end);
    struct log_socket_paths paths = {end.path, "/nonexistent"};
    log_open(true, &paths);
    ck_assert_int_eq(log_destination(), LOG_SOCKET_JOURNAL);
    errno = ENOSPC;
    log_warning("%d things: %s", 3, "all wrong");
    ck_assert_int_eq(errno, ENOSPC);
    ssize_t n = journal_end_read(&end, got, sizeof(got));
    want_field(got, n, "MESSAGE", "3 things: all wrong");
    want_field(got, n, "PRIORITY", "4");
    want_field(got, n, "SYSLOG_IDENTIFIER", "relaywatch");
    want_field(got, n, "SYSLOG_FACILITY", "3");
    log_close();
    journal_end_close(&end);
}
END_TEST

/* Whatever a message holds, it is one line and one field. */
START_TEST(text_is_made_printable)
{
    struct journal_end end;
    char got[4096];

    journal_end_open(&end);
    struct log_socket_paths paths = {end.path, NULL};
    log_open(true, &paths);
    log_error("a\nMESSAGE=b\t\x1b[31m\xff");
    ssize_t n = journal_end_read(&end, got, sizeof(got));
    want_field(got, n, "MESSAGE", "a?MESSAGE=b??[31m?");
    log_close();
    journal_end_close(&end);
}
END_TEST

START_TEST(syslog_has_its_own_form)
{
    struct journal_end end;
    char got[4096], tail[64];

    journal_end_open(&end);
    struct log_socket_paths paths = {"/nonexistent", end.path};
    log_open(true, &paths);
    ck_assert_int_eq(log_destination(), LOG_SOCKET_SYSLOG);
    log_info("hello\n");
    ssize_t n = journal_end_read(&end, got, sizeof(got));
    ck_assert_int_gt(n, 0);
    snprintf(tail, sizeof(tail), " relaywatch[%ld]: hello?", (long)getpid());
    ck_assert_msg(span_ends(span_str(got), span_str(tail)), "%s", got);
    ck_assert_msg(span_starts(span_str(got), SPAN("<30>")), "%s", got); /* daemon, info */
    ck_assert_uint_eq(strlen(got), strlen("<30>Nov 24 03:47:12") + strlen(tail));
    log_close();
    journal_end_close(&end);
}
END_TEST

START_TEST(syslog_over_a_stream_ends_with_nul)
{
    struct journal_end end;
    char got[256];

    journal_end_open(&end);
    close(end.fd);
    unlink(end.path);
    journal_end_bind(&end, SOCK_STREAM);
    struct log_socket_paths paths = {NULL, end.path};
    log_open(false, &paths);
    log_info("hello");
    int fd = accept(end.fd, NULL, NULL);
    ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);
    ck_assert_int_gt(n, 0);
    ck_assert_int_eq(got[n - 1], '\0');
    ck_assert(span_ends(span_str(got), SPAN(": hello")));
    close(fd);
    log_close();
    journal_end_close(&end);
}
END_TEST

/* A journald that reads nothing must hold nobody up. */
START_TEST(full_socket_costs_messages_not_time)
{
    enum { MANY = 20000 };
    struct journal_end end;
    char got[4096];
    int received = 0;

    journal_end_open(&end);
    struct log_socket_paths paths = {end.path, NULL};
    log_open(true, &paths);
    uint64_t lost = log_lost();
    for (int i = 0; i < MANY; i++)
        log_info("number %d", i);
    lost = log_lost() - lost;
    ck_assert_uint_gt(lost, 0);
    while (journal_end_read(&end, got, sizeof(got)) > 0)
        received++;
    want_number("received and lost", received + (int64_t)lost, MANY);
    log_info("back");
    ssize_t n = journal_end_read(&end, got, sizeof(got));
    want_field(got, n, "MESSAGE", "back");
    log_close();
    journal_end_close(&end);
}
END_TEST

START_TEST(restarted_receiver_is_found_again)
{
    struct journal_end end;
    char got[4096];

    journal_end_open(&end);
    struct log_socket_paths paths = {end.path, NULL};
    log_open(true, &paths);
    log_info("one");
    close(end.fd);
    unlink(end.path);
    log_info("lost");
    journal_end_bind(&end, SOCK_DGRAM);
    log_info("two");
    ssize_t n = journal_end_read(&end, got, sizeof(got));
    want_field(got, n, "MESSAGE", "two");
    log_close();
    journal_end_close(&end);
}
END_TEST

static const struct {
    const char *name;
    bool journal, syslog, want;
    enum log_socket_type log_socket;
} choices[] = {
    {"both, journal wanted", true, true, true, LOG_SOCKET_JOURNAL},
    {"both, syslog wanted", true, true, false, LOG_SOCKET_SYSLOG},
    {"journal only, syslog wanted", true, false, false, LOG_SOCKET_JOURNAL},
    {"syslog only, journal wanted", false, true, true, LOG_SOCKET_SYSLOG},
    {"neither", false, false, true, LOG_SOCKET_STDERR},
};

START_TEST(destination_is_chosen)
{
    struct journal_end end;
    struct log_socket log_socket;

    journal_end_open(&end);
    struct log_socket_paths paths = {choices[_i].journal ? end.path : "/nonexistent",
                                     choices[_i].syslog ? end.path : NULL};
    log_socket_open(&log_socket, &paths, choices[_i].want);
    want_number(choices[_i].name, log_socket.type, choices[_i].log_socket);
    log_socket_done(&log_socket);
    journal_end_close(&end);
}
END_TEST

START_TEST(stderr_takes_what_nobody_else_does)
{
    struct log_socket_paths paths = {NULL, NULL};
    int pipes[2], saved = dup(STDERR_FILENO);
    char got[256];

    ck_assert_int_eq(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    log_open(true, &paths);
    log_error("only %s", "this");
    dup2(saved, STDERR_FILENO);
    ssize_t n = read(pipes[0], got, sizeof(got) - 1);
    got[n < 0 ? 0 : n] = '\0';
    want_text("stderr", got, "relaywatch: only this\n");
    close(saved);
    close(pipes[0]);
    close(pipes[1]);
}
END_TEST

/* A container's log collector that stands still must hold nobody up either. */
START_TEST(full_stderr_costs_messages_not_time)
{
    enum { MANY = 20000 };
    struct log_socket_paths paths = {NULL, NULL};
    int pipes[2], saved = dup(STDERR_FILENO), received = 0;
    char got[4096];

    ck_assert_int_eq(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    log_open(true, &paths);
    uint64_t lost = log_lost();
    for (int i = 0; i < MANY; i++)
        log_info("number %d", i);
    lost = log_lost() - lost;
    dup2(saved, STDERR_FILENO);
    close(pipes[1]);
    ck_assert_uint_gt(lost, 0);
    for (ssize_t n; (n = read(pipes[0], got, sizeof(got))) > 0;)
        for (ssize_t i = 0; i < n; i++)
            received += got[i] == '\n';
    want_number("received and lost", received + (int64_t)lost, MANY);
    log_close();
    close(saved);
    close(pipes[0]);
}
END_TEST

START_TEST(field_with_newline_carries_its_length)
{
    struct log_socket log_socket = {.type = LOG_SOCKET_JOURNAL, .fd = -1};
    struct buf buf;
    char value[64];

    log_socket_begin(&log_socket, &buf, LOG_ALERT, SPAN("m"));
    log_socket_field(&log_socket, &buf, "RELAYWATCH_ADVICE", SPAN("1. a\n2. b"));
    log_socket_field(&log_socket, &buf, "RELAYWATCH_ID", SPAN("x"));
    ck_assert(journal_field(buf.at, buf.len, "RELAYWATCH_ADVICE", value, sizeof(value)));
    want_text("advice", value, "1. a\n2. b");
    ck_assert(journal_field(buf.at, buf.len, "RELAYWATCH_ID", value, sizeof(value)));
    want_text("id", value, "x");
    buf_done(&buf);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("log");

    tcase_add_test(tc, journal_gets_priority_and_identifier);
    tcase_add_test(tc, text_is_made_printable);
    tcase_add_test(tc, syslog_has_its_own_form);
    tcase_add_test(tc, syslog_over_a_stream_ends_with_nul);
    tcase_add_test(tc, full_socket_costs_messages_not_time);
    tcase_add_test(tc, restarted_receiver_is_found_again);
    ADD_ROWS(tc, destination_is_chosen, choices);
    tcase_add_test(tc, stderr_takes_what_nobody_else_does);
    tcase_add_test(tc, full_stderr_costs_messages_not_time);
    tcase_add_test(tc, field_with_newline_carries_its_length);
    return run_suite("log", tc);
}
