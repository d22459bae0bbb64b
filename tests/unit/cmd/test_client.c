/* SPDX-License-Identifier: MIT */
/* The client against a daemon, and the commands that use it, by what they print. */
#include "cmd/client.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "cmd/commands.h"
#include "common/complain.h"
#include "daemon_thread.h"
#include "common/log.h"
#include "rows.h"
#include "whole_file.h"
#include "report/incident_json.h"

/* main.c is not linked: what the commands need of it. */
void complain(const char *format, ...)
{
    va_list args;

    fputs("relaywatch: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* What a command writes, with its exit status. */
struct said {
    int status;
    char *out, *err;
};

static int divert(FILE *file, const char *path)
{
    fflush(file);
    int saved = dup(fileno(file));
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    dup2(fd, fileno(file));
    close(fd);
    return saved;
}

static char *restore(FILE *file, int saved, const char *path)
{
    fflush(file);
    dup2(saved, fileno(file));
    close(saved);
    char *text = whole_file(path);
    unlink(path);
    return text;
}

/* words: its arguments, up to NULL. */
static struct said run_words(int (*command)(const struct command_options *), const char *socket,
                             char **words, bool json, bool all)
{
    char out[64], err[64];
    struct command_options options = {.socket = socket, .json = json, .all = all, .arg = words};
    struct said said;

    while (words[options.arg_count])
        options.arg_count++;
    snprintf(out, sizeof(out), "/tmp/relaywatch-test-%ld.out", (long)getpid());
    snprintf(err, sizeof(err), "/tmp/relaywatch-test-%ld.err", (long)getpid());
    int saved_out = divert(stdout, out), saved_err = divert(stderr, err);
    said.status = command(&options);
    said.err = restore(stderr, saved_err, err);
    said.out = restore(stdout, saved_out, out);
    return said;
}

static struct said run(int (*command)(const struct command_options *), const char *socket,
                       const char *argument, bool json, bool all)
{
    char text[256], *words[] = {argument ? text : NULL, NULL};

    snprintf(text, sizeof(text), "%s", argument ? argument : "");
    return run_words(command, socket, words, json, all);
}

static void forget(struct said *said)
{
    free(said->out);
    free(said->err);
}

static void want_part(const char *name, const char *got, const char *part)
{
    ck_assert_msg(strstr(got, part), "%s: got \"%s\", want \"%s\" in it", name, got, part);
}

static int line_count(const char *text)
{
    int n = 0;

    for (; (text = strchr(text, '\n')); text++)
        n++;
    return n;
}

/* --- when there is no daemon ------------------------------------------------------------------ */

static void count_objects(void *ctx, json_t *object)
{
    (void)object;
    ++*(int *)ctx;
}

START_TEST(missing_daemon_error_names_the_cure)
{
    struct client_error error;
    int objects = 0;

    ck_assert(!client_ask("/nonexistent/control", client_request("status"), count_objects, &objects,
                          &error));
    want_part("no socket", error.text,
              "the daemon is not running: there is no /nonexistent/control");
    want_part("no socket", error.text, "systemctl start relaywatch");
    want_number("objects", objects, 0);
}
END_TEST

START_TEST(dead_socket_is_an_error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct client_error error;

    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/relaywatch-test-%ld.sock",
             (long)getpid());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    ck_assert(!client_ask(address.sun_path, client_request("status"), count_objects, NULL, &error));
    want_part("dead", error.text, "nobody listens at");
    unlink(address.sun_path);
}
END_TEST

/* As root everything is allowed, so a child becomes somebody else. */
START_TEST(permission_error_names_the_group)
{
    struct daemon d;
    int status;

    if (getuid() != 0)
        return;
    daemon_init(&d);
    daemon_open(&d);
    ck_assert_int_eq(chmod(d.dir, 0755), 0);
    ck_assert_int_eq(chown(d.path, 0, 12345), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct client_error error = {0};
        bool ok = setgid(65534) == 0 && setuid(65534) == 0 &&
                  !client_ask(d.path, client_request("status"), count_objects, NULL, &error);
        _exit(ok && strstr(error.text, "permission denied") ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    daemon_done(&d);
}
END_TEST

/* A daemon that says what it should not, or ends in the middle. */
static const struct {
    const char *name, *answer, *error;
    int objects;
} strange[] = {
    {"ends at once", "", "ended the connection", 0},
    {"ends in the middle", "{\"type\":\"status\"}\n{\"ty", "cannot understand", 1},
    {"ends too soon", "{\"type\":\"status\"}\n", "ended the connection", 1},
    {"no JSON", "hello\n", "cannot understand", 0},
    {"no type", "{}\n", "cannot understand", 0},
    {"error", "{\"type\":\"error\",\"text\":\"too\\u001bmany\"}\n", "too?many", 0},
    {"error without text", "{\"type\":\"error\"}\n", "refused without", 0},
};

START_TEST(strange_answers_are_errors)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct client_error error = {0};
    char request[256];
    int objects = 0;

    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/relaywatch-test-%ld.sock",
             (long)getpid());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int client = accept(fd, NULL, NULL);
        (void)!recv(client, request, sizeof(request), 0);
        (void)!send(client, strange[_i].answer, strlen(strange[_i].answer), 0);
        _exit(0);
    }
    ck_assert(
        !client_ask(address.sun_path, client_request("status"), count_objects, &objects, &error));
    want_part(strange[_i].name, error.text, strange[_i].error);
    want_number(strange[_i].name, objects, strange[_i].objects);
    waitpid(pid, NULL, 0);
    close(fd);
    unlink(address.sun_path);
}
END_TEST

/* --- the commands ----------------------------------------------------------------------------- */

static const char *first_id(const struct daemon *d)
{
    return d->attack.pipeline->detector.incident[0].id;
}

START_TEST(status_before_the_first_save)
{
    struct daemon d;

    daemon_init(&d);
    d.runtime.state_text = "";
    daemon_start(&d);
    struct said said = run(status_run, d.path, NULL, false, false);
    want_part("state", said.out, "\nstate     not saved yet\n");
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(status_fits_the_screen)
{
    struct daemon d;

    daemon_init(&d);
    for (unsigned i = 1; i <= 15; i++)
        attack_messages(&d.attack, 6, i * 16);
    for (int i = 0; i < 12; i++)
        site_warn(d.attack.site, "w",
                  "A warning number %d that goes on and on and on and on and on "
                  "and on and on and on",
                  i);
    daemon_start(&d);
    struct said said = run(status_run, d.path, NULL, false, false);
    want_number("status", said.status, 0);
    ck_assert_int_le(line_count(said.out), 24);
    for (const char *line = said.out; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(strcspn(line, "\n") <= 80, "too long: %.100s", line);
    want_part("head", said.out, "relaywatch " RELAYWATCH_VERSION ", pid ");
    want_part("uptime", said.out, "up 3d");
    want_part("source", said.out, "follows   /var/log/mail.log (maillog_file)");
    want_part("incidents", said.out, "open incident");
    want_part("row", said.out, "open-relay");
    want_part("warnings", said.out, "more: relaywatch check");
    forget(&said);
    said = run(status_run, d.path, NULL, true, false);
    json_t *status = json_loads(said.out, JSON_DISABLE_EOF_CHECK, NULL);
    want_text("type", json_string_value(json_object_get(status, "type")), "status");
    json_decref(status);
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(incidents_in_a_table_and_as_json)
{
    struct daemon d;

    daemon_init(&d);
    daemon_start(&d);
    struct said said = run(incidents_run, d.path, NULL, false, false);
    want_text("none", said.out, "No incidents.\n");
    forget(&said);
    daemon_stop(&d);
    control_free(d.control);
    attack_messages(&d.attack, 6, 1);
    daemon_start(&d);
    said = run(incidents_run, d.path, NULL, false, false);
    want_number("lines", line_count(said.out), 2);
    want_part("id", said.out, first_id(&d));
    want_part("key", said.out, "192.0.2.1");
    forget(&said);
    said = run(incidents_run, d.path, NULL, true, true);
    struct incident_view view;
    attack_view(&d.attack, 0, &view);
    json_t *want = incident_json(&view);
    char *want_line = json_dumps(want, JSON_COMPACT);
    ck_assert_int_eq(strncmp(said.out, want_line, strlen(want_line)), 0);
    want_number("lines", line_count(said.out), 1);
    free(want_line);
    json_decref(want);
    incident_view_done(&view);
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(show_tells_the_whole)
{
    struct daemon d;

    daemon_init(&d);
    attack_messages(&d.attack, 6, 1);
    daemon_start(&d);
    struct said said = run(show_run, d.path, first_id(&d), false, false);
    want_number("status", said.status, 0);
    want_part("head", said.out, "open-relay  client 192.0.2.1  on mx1  [or-");
    want_part("severity", said.out, "]  critical\n  why            client 192.0.2.1, neither");
    want_part("figures", said.out, "6 messages to 6 recipients: 0 sent, 6 deferred, 0 bounced");
    want_part("crossed", said.out, "crossed        5 recipients in 1h, the threshold is 5");
    want_part("advice", said.out, "what to do     1. ");
    want_part("commands", said.out, "    # put on hold what is queued\n    relaywatch queue or-");
    want_part("stanza", said.out,
              "    [open-relay 192.0.2.1]\n    recipients = 20\n  and then:\n"
              "    systemctl reload relaywatch\n");
    forget(&said);
    said = run(show_run, d.path, "or-nothing", false, false);
    want_number("status", said.status, EXIT_CANNOT);
    want_text("stdout", said.out, "");
    want_part("error", said.err, "there is no incident \"or-nothing\"");
    want_part("open ones", said.err, first_id(&d));
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

/* What goes into postsuper(1): queue IDs and nothing else. */
START_TEST(queue_prints_ids_and_nothing_else)
{
    enum { MESSAGES = 3000 };
    struct daemon d;

    daemon_init(&d);
    attack_messages(&d.attack, MESSAGES, 1);
    daemon_start(&d);
    struct said said = run(queue_run, d.path, first_id(&d), false, false);
    want_number("status", said.status, 0);
    want_text("stderr", said.err, "");
    want_number("lines", line_count(said.out), MESSAGES);
    want_number("bytes", (int64_t)strlen(said.out), MESSAGES * 9);
    want_number("letters", (int64_t)strspn(said.out, "0123456789ABCDEF\n"), MESSAGES * 9);
    forget(&said);
    said = run(queue_run, d.path, "nonsense", false, false);
    want_number("status", said.status, EXIT_CANNOT);
    want_text("stdout", said.out, "");
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(close_tells_what_it_means)
{
    struct daemon d;

    daemon_init(&d);
    attack_messages(&d.attack, 6, 1);
    daemon_start(&d);
    char id[32], want[128], first[] = "a", second[] = "test of  ours";
    char *words[] = {id, first, second, NULL};
    snprintf(id, sizeof(id), "%s", first_id(&d));
    struct said said = run_words(close_run, d.path, words, false, false);
    want_number("status", said.status, 0);
    snprintf(want, sizeof(want), "%s is closed: no more alerts of it until", id);
    want_part("said", said.out, want);
    forget(&said);
    said = run(show_run, d.path, id, false, false);
    want_part("show", said.out, ", closed\n");
    want_part("reason", said.out, "  closed         a test of  ours\n");
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

/* What goes into a firewall: addresses and nothing else. */
START_TEST(clients_prints_addresses_and_nothing_else)
{
    struct daemon d;

    daemon_init(&d);
    for (unsigned i = 0; i < 30; i++)
        attack_message_of(&d.attack, i, 10 + i / 10, i % 10, "same.example");
    attack_line(&d.attack, "smtpd[1]: ABC0FFFF: client=$(reboot)[unknown]");
    attack_line(&d.attack,
                "qmgr[1]: ABC0FFFF: from=<u@same.example>, size=1, nrcpt=1 (queue active)");
    attack_line(&d.attack, "smtp[1]: ABC0FFFF: to=<v@big.example>, relay=none, delay=1, "
                           "delays=0/0/0/1, dsn=4.0.0, status=deferred (later)");
    detector_group(&d.attack.pipeline->detector);
    daemon_start(&d);
    struct said said = run(clients_run, d.path, first_id(&d), false, false);
    want_number("status", said.status, 0);
    want_number("lines", line_count(said.out), 30);
    want_number("letters", (int64_t)strspn(said.out, "0123456789.\n"), (int64_t)strlen(said.out));
    forget(&said);
    said = run(clients_run, d.path, "nonsense", false, false);
    want_number("status", said.status, EXIT_CANNOT);
    want_text("stdout", said.out, "");
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

/* More than are remembered once it is over: it is said how many there were. */
START_TEST(clients_says_when_some_are_missing)
{
    enum { CLIENTS = 1000 };
    struct daemon d;

    daemon_init(&d);
    for (unsigned i = 0; i < CLIENTS; i++)
        attack_message_of(&d.attack, i, 10 + i / 250, i % 250, "same.example");
    for (unsigned i = 0; i < CLIENTS; i++)
        attack_line(&d.attack, "qmgr[1]: %X: removed", 0xABC00000u + i);
    detector_group(&d.attack.pipeline->detector);
    for (wall_us minute = 0; minute < 600; minute++)
        pipeline_tick(d.attack.pipeline, (1795492032 + minute * 60) * US_PER_S);
    daemon_start(&d);
    struct said said = run(clients_run, d.path, first_id(&d), false, false);
    want_number("status", said.status, 0);
    char want[100];
    snprintf(want, sizeof(want), "these are %d of 1000 addresses", line_count(said.out));
    want_number("fewer", line_count(said.out) < CLIENTS, 1);
    want_part("said", said.err, want);
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(explain_asks_the_daemon)
{
    struct daemon d;

    daemon_init(&d);
    attack_messages(&d.attack, 6, 1);
    daemon_start(&d);
    struct said said = run(explain_run, d.path, "ABCF4240", false, false);
    want_number("status", said.status, 0);
    want_part("head", said.out, "ABCF4240 on mx1, postfix\n");
    want_part("verdict", said.out, "part of open-relay, incident ");
    want_part("origin", said.out, "came from      outside: unknown[192.0.2.1]");
    want_part("recipient", said.out, "goes to        big.example (outside): deferred");
    forget(&said);
    said = run(explain_run, d.path, "ABCDEF01234", false, false);
    want_number("status", said.status, EXIT_FOUND);
    want_part("error", said.err, "if an older log has it, name that");
    forget(&said);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

/* On a terminal: it draws, draws again, and ^C gives the screen back. */
START_TEST(watch_redraws_and_restores)
{
    struct daemon d;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    char got[65536];
    size_t len = 0;
    int terminal, status, homes = 0, begin[2];
    bool sent = false;
    char go;

    daemon_init(&d);
    attack_messages(&d.attack, 6, 1);
    /* The fork comes before the thread: a lock that the thread holds is held for ever in the
     * child. */
    ck_assert_int_eq(pipe(begin), 0);
    pid_t pid = forkpty(&terminal, NULL, NULL, &size);
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct command_options options = {.socket = d.path, .watch = true};
        if (read(begin[0], &go, 1) != 1)
            _exit(9);
        fclose(stdin);
        int r = status_run(&options);
        fflush(stdout);
        _exit(r);
    }
    daemon_start(&d);
    ck_assert_int_eq(write(begin[1], "", 1), 1);
    close(begin[0]);
    close(begin[1]);
    for (ssize_t n; (n = read(terminal, got + len, sizeof(got) - len - 1)) > 0;) {
        len += (size_t)n;
        got[len] = '\0';
        homes = 0;
        for (const char *at = got; (at = strstr(at, "\033[H")); at++)
            homes++;
        if (homes == 2 && !sent) {
            ck_assert_int_eq(write(terminal, "\003", 1), 1);
            sent = true;
        }
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    want_part("entered", got, "\033[?1049h\033[?25l\033[H");
    want_part("drawn", got, "open-relay");
    want_part("restored", got, "\033[?25h\033[?1049l");
    ck_assert_int_ge(homes, 2);
    close(terminal);
    daemon_stop(&d);
    daemon_done(&d);
}
END_TEST

START_TEST(watch_needs_a_terminal)
{
    struct command_options options = {.watch = true};
    char err[64];

    snprintf(err, sizeof(err), "/tmp/relaywatch-test-%ld.err", (long)getpid());
    int saved_err = divert(stderr, err), saved_out = divert(stdout, "/dev/null");
    want_number("status", status_run(&options), EXIT_CANNOT);
    fflush(stdout);
    dup2(saved_out, STDOUT_FILENO);
    close(saved_out);
    char *said = restore(stderr, saved_err, err);
    want_part("stderr", said, "needs a terminal");
    free(said);
}
END_TEST

int main(void)
{
    static const struct log_socket_paths nowhere = {NULL, NULL};
    TCase *tc = tcase_create("client");

    log_open(false, &nowhere);
    tcase_add_test(tc, missing_daemon_error_names_the_cure);
    tcase_add_test(tc, dead_socket_is_an_error);
    tcase_add_test(tc, permission_error_names_the_group);
    ADD_ROWS(tc, strange_answers_are_errors, strange);
    tcase_add_test(tc, status_before_the_first_save);
    tcase_add_test(tc, status_fits_the_screen);
    tcase_add_test(tc, incidents_in_a_table_and_as_json);
    tcase_add_test(tc, show_tells_the_whole);
    tcase_add_test(tc, queue_prints_ids_and_nothing_else);
    tcase_add_test(tc, close_tells_what_it_means);
    tcase_add_test(tc, clients_prints_addresses_and_nothing_else);
    tcase_add_test(tc, clients_says_when_some_are_missing);
    tcase_add_test(tc, explain_asks_the_daemon);
    tcase_add_test(tc, watch_redraws_and_restores);
    tcase_add_test(tc, watch_needs_a_terminal);
    return run_suite("client", tc);
}
