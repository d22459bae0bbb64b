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
    {"named twice", FRONT("7") BEHIND("localhost[127.0.0.1]") ACCEPTED("7") ACCEPTED("7"),
     "b[192.0.2.2]", ORIGIN_OUTSIDE, 0},
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

int main(void)
{
    TCase *tc = tcase_create("life_proxy");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, message_is_whose_the_front_process_says, cases);
    return run_suite("life_proxy", tc);
}
