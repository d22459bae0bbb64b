/* SPDX-License-Identifier: MIT */
/* Whose mail a before-queue filter passed on; g18 of the scenarios tells the story. */
#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

/* "PID PROGRAM TEXT" a line. */
static void feed(const char *lines)
{
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        char program[32], text[512], when[WHEN_TEXT_MAX], whole[1024];
        unsigned pid;
        int at = 0;

        snprintf(text, sizeof(text), "%.*s", (int)n, lines);
        ck_assert_int_eq(sscanf(text, "%u %31s %n", &pid, program, &at), 2);
        int len = snprintf(whole, sizeof(whole), "%s mx1 postfix/%s[%u]: %s\n",
                           when_print(run.now_s * US_PER_S, when), program, pid, text + at);
        pipeline_lines(run.p, whole, (size_t)len);
        lines += n + (lines[n] == '\n');
    }
}

#define FRONT(pid)  pid " smtpd NOQUEUE: client=b[192.0.2.2]\n"
#define BEHIND(who) "9 smtpd AAAAA01: client=" who "\n"
#define ACCEPTED(pid)                                                                              \
    pid " smtpd proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as AAAAA01; from=<a@b> "        \
        "to=<c@d>\n"

#define PASSED(pid)                                                                                \
    pid " smtpd proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK (5A10000066389F00); from=<a@b> "        \
        "to=<c@d>\n"

static const struct {
    const char *name, *lines, *client;
    enum origin origin;
    int doubtful;
} cases[] = {
    {"a stranger's", FRONT("7") BEHIND("localhost[127.0.0.1]") ACCEPTED("7"), "b[192.0.2.2]",
     ORIGIN_OUTSIDE, 0},
    {"a login's",
     "7 smtpd NOQUEUE: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=ann\n" BEHIND(
         "localhost[127.0.0.1]") ACCEPTED("7"),
     "b[192.0.2.2]", ORIGIN_ACCOUNT, 0},
    {"a trusted client's",
     "7 smtpd NOQUEUE: client=pc[10.1.2.3]\n" BEHIND("localhost[127.0.0.1]") ACCEPTED("7"),
     "pc[10.1.2.3]", ORIGIN_TRUSTED, 0},
    {"the second in a session",
     FRONT("7") "7 smtpd NOQUEUE: client=b[192.0.2.2], sasl_method=PLAIN, "
                "sasl_username=ann\n" BEHIND("localhost[127.0.0.1]") ACCEPTED("7"),
     "b[192.0.2.2]", ORIGIN_ACCOUNT, 0},
    {"of another process", FRONT("7") BEHIND("localhost[127.0.0.1]") ACCEPTED("8"),
     "localhost[127.0.0.1]", ORIGIN_TRUSTED, 0},
    {"of one whose number falls together",
     FRONT("7") BEHIND("localhost[127.0.0.1]") ACCEPTED("1031"), "localhost[127.0.0.1]",
     ORIGIN_TRUSTED, 0},
    {"named by no ID, and by orig_client=",
     "7 smtpd NOQUEUE: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=ann\n" BEHIND(
         "localhost[127.0.0.1], orig_client=b[192.0.2.2]") PASSED("7"),
     "b[192.0.2.2]", ORIGIN_ACCOUNT, 0},
    {"named by no ID, of another client",
     "7 smtpd NOQUEUE: client=c[192.0.2.3], sasl_method=PLAIN, sasl_username=ann\n" BEHIND(
         "localhost[127.0.0.1], orig_client=b[192.0.2.2]") PASSED("7"),
     "b[192.0.2.2]", ORIGIN_OUTSIDE, 0},
    {"named by no ID, and come by itself",
     "7 smtpd NOQUEUE: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=ann\n" BEHIND(
         "b[192.0.2.2]") PASSED("7"),
     "b[192.0.2.2]", ORIGIN_OUTSIDE, 0},
    {"named twice", FRONT("7") BEHIND("localhost[127.0.0.1]") ACCEPTED("7") ACCEPTED("7"),
     "b[192.0.2.2]", ORIGIN_OUTSIDE, 0},
    {"named before it is accepted", FRONT("7") ACCEPTED("7") BEHIND("localhost[127.0.0.1]"),
     "b[192.0.2.2]", ORIGIN_OUTSIDE, 0},
    {"a stranger's, named before it is accepted", FRONT("7") ACCEPTED("7") BEHIND("c[203.0.113.9]"),
     "c[203.0.113.9]", ORIGIN_OUTSIDE, 1},
    {"a stranger's message, named by the filter", FRONT("7") BEHIND("c[203.0.113.9]") ACCEPTED("7"),
     "c[203.0.113.9]", ORIGIN_OUTSIDE, 1},
};

START_TEST(message_is_whose_the_front_process_says)
{
    feed(cases[_i].lines);
    const struct message *m = core_find(&run, "AAAAA01");
    want_text(cases[_i].name, origin_name(m->origin), origin_name(cases[_i].origin));
    want_number(cases[_i].name, span_equal(intern_span(m->client), span_str(cases[_i].client)), 1);
    if (cases[_i].origin == ORIGIN_ACCOUNT)
        want_number("ann", span_equal(intern_span(m->who), SPAN("ann")), 1);
    want_number(cases[_i].name, (int64_t)run.p->life.counters.doubtful_links, cases[_i].doubtful);
}
END_TEST

/* Processes whose numbers share a set; another host's is another one. */
START_TEST(oldest_of_a_full_set_is_forgotten)
{
    static const unsigned sets = PROXIED_MAX / PROXIED_WAYS;
    char line[200];

    for (unsigned i = 0; i <= PROXIED_WAYS; i++) {
        snprintf(line, sizeof(line), "%u smtpd NOQUEUE: client=b[192.0.2.%u]\n", 7 + i * sets, i);
        feed(line);
        feed(line); /* its next mail takes its own place */
        want_number("over", (int64_t)run.p->life.counters.proxied_over, i == PROXIED_WAYS);
    }
    feed(BEHIND("localhost[127.0.0.1]") ACCEPTED("7"));
    want_text("forgotten", origin_name(core_find(&run, "AAAAA01")->origin), "trusted");
    for (unsigned i = PROXIED_WAYS; i >= 1; i--) {
        snprintf(line, sizeof(line),
                 "9 smtpd AAAAB%02u: client=localhost[127.0.0.1]\n"
                 "%u smtpd proxy-accept: END-OF-MESSAGE: 250 Ok: queued as AAAAB%02u; from=<>\n",
                 i, 7 + i * sets, i);
        feed(line);
        snprintf(line, sizeof(line), "AAAAB%02u", i);
        const struct message *m = core_find(&run, line);
        snprintf(line, sizeof(line), "b[192.0.2.%u]", i);
        want_number(line, span_equal(intern_span(m->client), span_str(line)), 1);
    }
}
END_TEST

/* It names a client from which nothing came, on a host where a filter's mail is known from the
 * front: whoever connected from here brought it. Where nothing is known of a front, the name is
 * believed. */
START_TEST(named_client_is_believed_if_it_came_in)
{
#define NAMED(id, message_id)                                                                      \
    "9 smtpd " id ": client=localhost[127.0.0.1], orig_client=b[192.0.2.2]\n"                      \
    "9 cleanup " id ": message-id=<" message_id ">\n"
#define QUEUED(id) "9 qmgr " id ": from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
    feed(NAMED("AAAAA01", "1@a.example"));
    core_feed(&run, "smtpd: CCCCC01: client=a[192.0.2.1]");
    run.now_s += 61;
    core_feed(&run, "smtpd: CCCCC02: client=a[192.0.2.1]");
    want_text("no front", origin_name(core_find(&run, "AAAAA01")->origin), "outside");
    feed("9 smtpd BBBBB01: client=b[192.0.2.2]\n9 cleanup BBBBB01: "
         "message-id=<2@a.example>\n" QUEUED("BBBBB01") NAMED("AAAAA02", "2@a.example")
             QUEUED("AAAAA02"));
    feed("9 lmtp BBBBB01: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=2.5.0, "
         "status=sent (250 OK)\n"
         "9 smtp AAAAA02: to=<x@c.example>, relay=h[198.51.100.1]:25, delay=1, dsn=2.0.0, "
         "status=sent (ok)\n");
    want_text("came in", origin_name(core_find(&run, "AAAAA02")->origin), "filter");
    want_number("fronted", run.p->hosts.host[0].fronts & HOST_FRONTED, HOST_FRONTED);
    feed(NAMED("AAAAA03", "3@a.example"));
    run.now_s += 61;
    core_feed(&run, "smtpd: CCCCC03: client=a[192.0.2.1]");
    const struct message *m = core_find(&run, "AAAAA03");
    want_text("did not", origin_name(m->root), "trusted");
    want_number("its own", span_equal(intern_span(m->client), SPAN("localhost[127.0.0.1]")), 1);
}
END_TEST

/* What came in is forgotten, and the filter has named whose it is. */
START_TEST(named_client_is_believed_of_forgotten_mail)
{
    feed(FRONT("7"));
    run.p->hosts.host[0].fronts = HOST_FRONTED;
    feed("9 smtpd BBBBB01: client=b[192.0.2.2]\n9 cleanup BBBBB01: "
         "message-id=<2@a.example>\n" QUEUED(
             "BBBBB01") "9 lmtp BBBBB01: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10024, "
                        "delay=1, "
                        "dsn=2.5.0, status=sent (250 OK)\n9 qmgr BBBBB01: removed\n");
    run.now_s += 660;
    feed(NAMED("AAAAA02", "2@a.example") QUEUED("AAAAA02"));
    ck_assert_ptr_null(core_find(&run, "BBBBB01"));
    feed("9 smtp AAAAA02: to=<x@c.example>, relay=h[198.51.100.1]:25, delay=1, dsn=2.0.0, "
         "status=sent (ok)\n");
    want_text("root", origin_name(core_find(&run, "AAAAA02")->root), "outside");
    want_number("lost", (int64_t)run.p->life.counters.lost_returns, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life_proxy");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, message_is_whose_the_front_process_says, cases);
    tcase_add_test(tc, oldest_of_a_full_set_is_forgotten);
    tcase_add_test(tc, named_client_is_believed_if_it_came_in);
    tcase_add_test(tc, named_client_is_believed_of_forgotten_mail);
    return run_suite("life_proxy", tc);
}
