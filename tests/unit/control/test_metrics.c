/* SPDX-License-Identifier: MIT */
#include "control/metrics.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "daemon_thread.h"
#include "rows.h"

static int join(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval wait = {20, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* The whole reply to one request; for free(). */
static char *get(unsigned port, const char *request)
{
    size_t len = 0, room = 256 * 1024;
    char *text = malloc(room);
    int fd = join(port);
    ssize_t n;

    ck_assert_int_gt(send(fd, request, strlen(request), MSG_NOSIGNAL), 0);
    while (len < room - 1 && (n = recv(fd, text + len, room - len - 1, 0)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    close(fd);
    return text;
}

/* The port of the newest socket of this process that listens: a free one was asked for. */
static unsigned listening_port(void)
{
    struct sockaddr_in address;
    unsigned port = 0;

    for (int fd = 0; fd < 256; fd++) {
        socklen_t len = sizeof(address), size = sizeof(int);
        int listens = 0;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens &&
            getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
            address.sin_family == AF_INET)
            port = ntohs(address.sin_port);
    }
    ck_assert_uint_ne(port, 0);
    return port;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"

static void want_part(const char *got, const char *part)
{
    ck_assert_msg(strstr(got, part), "want \"%s\" in: %.3000s", part, got);
}

struct world {
    struct daemon d;
    struct metrics *metrics;
    unsigned port;
};

static void set_up(struct world *w)
{
    daemon_init(&w->d);
    attack_messages(&w->d.attack, 6, 1);
    ck_assert_int_eq(
        metrics_new(w->d.base, "127.0.0.1:0", &w->d.runtime, daemon_refresh, &w->d, &w->metrics),
        0);
    w->port = listening_port();
    daemon_start(&w->d);
}

static void tear_down(struct world *w)
{
    daemon_stop(&w->d);
    metrics_free(w->metrics);
    daemon_done(&w->d);
}

START_TEST(figures_and_open_incidents)
{
    struct world w;
    char series[256];

    set_up(&w);
    w.d.runtime.blindness.blind[BLIND_UNREADABLE].count = 2;
    char *got = get(w.port, GET("/metrics"));
    want_part(got, "HTTP/1.1 200 OK\r\n");
    want_part(got, "Content-Type: text/plain; version=0.0.4");
    want_part(got, "# TYPE relaywatch_messages_total counter\nrelaywatch_messages_total 6\n");
    want_part(got, "\nrelaywatch_messages_in_flight 6\n");
    want_part(got, "\nrelaywatch_incidents_open 1\n");
    want_part(got, "\nrelaywatch_blind{cause=\"unreadable\"} 2\n");
    want_part(got, "\nrelaywatch_blind{cause=\"silent\"} 0\n");
    want_part(got, "\nrelaywatch_count_lines_total 24\n");
    want_part(got, "\nrelaywatch_lines_total 24\n");
    want_part(got, "\nrelaywatch_build_info{version=\"" RELAYWATCH_VERSION "\"} 1\n");
    want_part(got, "\nprocess_start_time_seconds 1763700000.000000\n");
    want_part(got, "# TYPE relaywatch_deliveries_total counter\nrelaywatch_deliveries_total{origin="
                   "\"outside\",class=\"undecided\",status=\"sent\"} 0\n"
                   "relaywatch_deliveries_total{");
    want_part(got, "origin=\"outside\",class=\"outside\",status=\"deferred\"} 6\n");
    want_part(got, "\nrelaywatch_queue_messages{state=\"deferred\",age=\"under_5m\"} 6\n");
    want_part(got, "\nrelaywatch_open_incidents{kind=\"open-relay\"} 1\n");
    want_part(got, "\nrelaywatch_table_limit{table=\"messages\"} 2000000\n");
    snprintf(series, sizeof(series),
             "\nrelaywatch_incident_queued{id=\"%s\",kind=\"open-relay\",host=\"mx1\","
             "key_type=\"client\",key=\"192.0.2.1\"} 6\n",
             w.d.attack.pipeline->detector.incident[0].id);
    want_part(got, series);
    snprintf(series, sizeof(series),
             "\nrelaywatch_incident_info{id=\"%s\",kind=\"open-relay\",host=\"mx1\","
             "key_type=\"client\",key=\"192.0.2.1\",severity=\"critical\"} 1\n",
             w.d.attack.pipeline->detector.incident[0].id);
    want_part(got, series);
    free(got);
    tear_down(&w);
}
END_TEST

/* Every line is a comment or "name{labels} number"; every name is told of before it is used. */
START_TEST(format_is_kept)
{
    struct world w;

    set_up(&w);
    char *got = get(w.port, GET("/metrics"));
    char *line = strstr(got, "\r\n\r\n") + 4, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        char help[160];
        *end = '\0';
        size_t name = strcspn(line, "{ ");
        if (*line != '#') {
            ck_assert_uint_eq(strspn(line, "abcdefghijklmnopqrstuvwxyz_"), name);
            snprintf(help, sizeof(help), "# TYPE %.*s ", (int)name, line);
            *end = '\n';
            ck_assert_msg(memmem(got, (size_t)(line - got), help, strlen(help)) != NULL ||
                              strstr(got, help),
                          "%s is not told", help);
        }
        *end = ' '; /* so that what was before can be searched */
    }
    free(got);
    tear_down(&w);
}
END_TEST

static const struct {
    const char *name, *request, *reply;
} others[] = {
    {"elsewhere", GET("/"), "404"},
    {"post", "POST /metrics HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "501"},
    {"head", "HEAD /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", "200"},
    {"a query", GET("/metrics?a=b"), "200"},
    {"a longer name", GET("/metrics2"), "404"},
    {"no version", "GET /metrics\n\n", "200"},
    {"nonsense", "\x01\x02\r\n\r\n", "501"},
};

START_TEST(other_requests)
{
    struct world w;

    set_up(&w);
    char *got = get(w.port, others[_i].request);
    ck_assert_msg(strstr(got, others[_i].reply), "%s: %s", others[_i].name, got);
    free(got);
    tear_down(&w);
}
END_TEST

START_TEST(head_has_no_body)
{
    struct world w;

    set_up(&w);
    char *got = get(w.port, "HEAD /metrics HTTP/1.1\r\nHost: [::1]:1\r\n\r\n");
    char *body = strstr(got, "\r\n\r\n");
    ck_assert_ptr_nonnull(body);
    ck_assert_msg(body[4] == 0, "got a body of %zu bytes", strlen(body + 4));
    const char *length = strstr(got, "Content-Length: ");
    ck_assert_msg(length && strtol(length + 16, NULL, 10) > 1000, "got %s", got);
    free(got);
    tear_down(&w);
}
END_TEST

static const struct {
    const char *host;
    int status;
} hosts[] = {
    {"127.0.0.1", 200},
    {"127.0.0.1:9397", 200},
    {"192.0.2.7:80", 200},
    {"[::1]", 200},
    {"[2001:db8::1]:9397", 200},
    {"localhost", 200},
    {"LocalHost:9397", 200},
    {"%h", 200},
    {"%h:9397", 200},
    {"mail.example.net", 200},
    {"rebind.example", 403},
    {"rebind.example:9397", 403},
    {"127.0.0.1.rebind.example", 403},
    {"localhost.rebind.example", 403},
    {"net", 403},
    {"localhost:80:80", 403},
    {"[::1].rebind.example", 403},
    {"a@127.0.0.1", 403},
};

START_TEST(host_is_an_address_or_our_name)
{
    char request[512], host[300], name[256] = "", status[32];
    struct world w;
    const char *percent = strchr(hosts[_i].host, '%');

    gethostname(name, sizeof(name) - 1);
    snprintf(host, sizeof(host), "%s%s", percent ? name : hosts[_i].host,
             percent ? percent + 2 : "");
    set_up(&w);
    site_set_settings_host(w.d.attack.site, SPAN("mail.example.net"));
    snprintf(request, sizeof(request), "GET /metrics HTTP/1.1\r\nhOST:%s\r\n\r\n", host);
    char *got = get(w.port, request);
    snprintf(status, sizeof(status), "HTTP/1.1 %d ", hosts[_i].status);
    ck_assert_msg(strncmp(got, status, strlen(status)) == 0, "%s: got %.60s", host, got);
    free(got);
    tear_down(&w);
}
END_TEST

/* Those who connect and say nothing are dropped for those who ask. */
START_TEST(silent_clients_make_room)
{
    enum { MANY = 40 };
    struct world w;
    int fds[MANY];
    char byte;

    set_up(&w);
    for (int i = 0; i < MANY; i++)
        fds[i] = join(w.port);
    char *got = get(w.port, GET("/metrics"));
    want_part(got, "relaywatch_messages_total 6\n");
    free(got);
    want_number("the first is gone", recv(fds[0], &byte, 1, 0), 0);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    tear_down(&w);
}
END_TEST

/* Nobody can be accepted, and it costs nothing to wait. */
START_TEST(out_of_descriptors)
{
    struct rlimit was, none;
    struct world w;
    char text[64] = "";
    struct pollfd answer;

    if (getenv("UNDER_VALGRIND")) {
        puts("SKIP metrics, out of descriptors: valgrind accepts a client and closes it again");
        return;
    }
    set_up(&w);
    int spare = dup(0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)w.port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    close(spare);
    getrlimit(RLIMIT_NOFILE, &was);
    none = (struct rlimit){(rlim_t)spare, was.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_gt(send(fd, GET("/metrics"), strlen(GET("/metrics")), MSG_NOSIGNAL), 0);
    clock_t before = clock();
    answer = (struct pollfd){.fd = fd, .events = POLLIN};
    want_number("no answer", poll(&answer, 1, 1000), 0);
    /* A loop that spins takes all of it; valgrind makes each turn many times as dear. */
    ck_assert_msg(clock() - before < CLOCKS_PER_SEC / 2, "it took %ld us of a second",
                  (long)((clock() - before) * 1000000 / CLOCKS_PER_SEC));
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
    want_number("an answer", poll(&answer, 1, 20000), 1);
    ck_assert_int_gt(recv(fd, text, sizeof(text) - 1, 0), 0);
    want_part(text, "HTTP/1.1 200 OK");
    close(fd);
    tear_down(&w);
}
END_TEST

/* It asks and is gone: its request goes with it, and the next one is answered. */
START_TEST(clients_that_go_away)
{
    struct world w;

    set_up(&w);
    for (int i = 0; i < 100; i++) {
        int fd = join(w.port);
        struct linger now = {1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        (void)!send(fd, GET("/metrics"), i % 2 ? strlen(GET("/metrics")) : 10, MSG_NOSIGNAL);
        close(fd);
    }
    char *got = NULL;
    do {
        free(got);
        got = get(w.port, GET("/metrics"));
    } while (strstr(got, " 503 "));
    want_part(got, "relaywatch_messages_total 6\n");
    free(got);
    tear_down(&w);
}
END_TEST

static const char *const no_listens[] = {
    "", "9397", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:1x", ":9397"};

START_TEST(listen_is_an_address_and_a_port)
{
    struct event_base *base = event_base_new();
    struct metrics *metrics = NULL;
    struct runtime runtime = {.setup = NULL};

    want_number(no_listens[_i], metrics_new(base, no_listens[_i], &runtime, NULL, NULL, &metrics),
                -EINVAL);
    event_base_free(base);
}
END_TEST

START_TEST(port_in_use_is_an_error)
{
    struct event_base *base = event_base_new();
    struct metrics *first = NULL, *second = NULL;
    struct runtime runtime = {.setup = NULL};
    char listen[64];

    ck_assert_int_eq(metrics_new(base, "127.0.0.1:0", &runtime, NULL, NULL, &first), 0);
    snprintf(listen, sizeof(listen), "127.0.0.1:%u", listening_port());
    want_number("second", metrics_new(base, listen, &runtime, NULL, NULL, &second), -EADDRINUSE);
    metrics_free(first);
    event_base_free(base);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("metrics");

    tcase_add_test(tc, figures_and_open_incidents);
    tcase_add_test(tc, format_is_kept);
    ADD_ROWS(tc, other_requests, others);
    tcase_add_test(tc, head_has_no_body);
    ADD_ROWS(tc, host_is_an_address_or_our_name, hosts);
    tcase_add_test(tc, silent_clients_make_room);
    tcase_add_test(tc, out_of_descriptors);
    tcase_add_test(tc, clients_that_go_away);
    ADD_ROWS(tc, listen_is_an_address_and_a_port, no_listens);
    tcase_add_test(tc, port_in_use_is_an_error);
    return run_suite("metrics", tc);
}
