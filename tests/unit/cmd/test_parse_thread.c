/* SPDX-License-Identifier: MIT */
/* Fed by two threads it comes to what it comes to fed by one. */
#include "cmd/parse_thread.h"
#include "days.h"
#include "pipeline_run.h"

#include <sched.h>

static struct settings settings;

/* The rest begins with a version that changes how addresses are read, and ends with a line that is
 * not ended. */
static void odd_lines(struct bytes *bytes)
{
    static const char *const lines[] = {
        "",
        "\n\n\r\n",
        "not syslog at all\n",
        "2026-12-30T03:00:00Z mx1 dovecot[1]: x\n",
        "2026-12-30T03:00:00Z mx1 postfix/master[1]: daemon started -- version 3.4.0, x\n",
        "2026-12-30T03:00:00Z mx2 postfix/master[1]: daemon started -- version 3.7.0, x\n",
        "2026-12-30T03:00:00Z mx1 postfix/smtp[1]: A1: to=<a@b>, relay=none, delay=1, "
        "status=sent (@c>, relay=none, delay=1, status=sent (x)\n",
        "2027-03-30T03:00:00Z mx1 postfix/qmgr[1]: A1: removed\n", /* alone in its time */
        "2026-12-30T03:00:01Z mx2 postfix/smtp[1]: A1: to=<\"a>, relay=none, delay=1, dsn=2.0.0,"
        " status=sent (\"@b.example>, relay=none, delay=1, dsn=2.0.0, status=sent (x)\n",
        "2026-12-30T03:00:02Z mx1 postfix/qmgr[1]: A1: removed",
    };
    static char zeros[3 * LOG_LINE_MAX], xs[2 * LOG_LINE_MAX];

    memset(xs, 'x', sizeof(xs));
    for (int i = 0; i < COUNT(lines); i++) {
        if (i == 3)
            bytes_put(bytes, zeros, sizeof(zeros));
        if (i == 4) {
            bytes_put(bytes, xs, sizeof(xs));
            bytes_put(bytes, "\n", 1);
        }
        for (int n = 0; i == 5 && n < 2000; n++) /* a block of the shortest */
            bytes_put(bytes, "\n", 1);
        bytes_put(bytes, lines[i], strlen(lines[i]));
    }
}

static void begin(struct run *run, const char *own)
{
    char ini[100];
    struct inifile_error err;

    snprintf(ini, sizeof(ini), "[site]\nown_domains = %s\n", own);
    ck_assert(settings_parse(&settings, span_str(ini), &err));
    run_begin(run, &settings, NULL);
    run->p->options.on_event = NULL; /* no callback may be called on the other thread */
    run->p->detector.on_event = NULL;
}

static struct parse_thread *begin_ahead(struct run *run)
{
    struct parse_thread *parse_thread = parse_thread_new(run->p);

    ck_assert_msg(parse_thread != NULL, "no second thread");
    return parse_thread;
}

START_TEST(lines_come_to_the_same)
{
    struct days *days = days_make(7, 60, 80000);
    struct bytes bytes = {0};
    struct run one, two;

    bytes_put(&bytes, days->text, days->len);
    odd_lines(&bytes);
    begin(&one, "example.net");
    pipeline_lines(one.p, bytes.at, bytes.len);
    char *want = run_outcome(&one);
    run_end(&one);
    settings_done(&settings);

    begin(&two, "example.net");
    struct parse_thread *parse_thread = begin_ahead(&two);
    size_t half =
        (size_t)((const char *)memchr(bytes.at + bytes.len / 2, '\n', bytes.len / 2) - bytes.at) +
        1;
    parse_thread_lines(parse_thread, bytes.at, half);
    parse_thread_lines(parse_thread, bytes.at + half, bytes.len - half);
    parse_thread_end(parse_thread);
    char *got = run_outcome(&two);
    want_long_text("outcome", got, want);
    ck_assert_msg(strstr(got, "\"kind\":\"open-relay\"") != NULL, "no incident");
    free(got);
    free(want);
    free(bytes.at);
    run_end(&two);
    settings_done(&settings);
    days_free(days);
}
END_TEST

/* Entries of a journal, whose spans are good for one call only. */
static char *of_entries(bool on_two)
{
    struct run run;
    char tag[40], text[200];

    begin(&run, "example.net");
    struct parse_thread *parse_thread = on_two ? begin_ahead(&run) : NULL;
    for (int i = 0; i < 5000; i++) {
        static const char *const tags[] = {"postfix/smtpd", "postfix/qmgr", "postfix/smtp", ""};
        struct syslog_header header = {.when = (DAYS_BEGIN_S + i / 100) * US_PER_S,
                                       .host = SPAN("mx1"),
                                       .pid = 7,
                                       .prefix = -1};
        snprintf(tag, sizeof(tag), "%s", tags[i % 4]);
        snprintf(text, sizeof(text),
                 i % 4 == 0   ? "A%05X: client=unknown[192.0.2.1]"
                 : i % 4 == 1 ? "A%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)"
                              : "A%05X: to=<u@victim.example>, relay=none, delay=1, dsn=4.0.0,"
                                " status=deferred (x)",
                 i / 4);
        header.tag = span_str(tag);
        header.text = span_str(text);
        if (parse_thread)
            parse_thread_entry(parse_thread, &header);
        else
            pipeline_entry(run.p, &header);
        memset(text, '?', sizeof(text));
    }
    if (parse_thread)
        parse_thread_end(parse_thread);
    char *outcome = run_outcome(&run);
    run_end(&run);
    settings_done(&settings);
    return outcome;
}

START_TEST(entries_come_to_the_same)
{
    char *one = of_entries(false), *two = of_entries(true);

    want_long_text("outcome", two, one);
    ck_assert_msg(strstr(two, "\"recipients\":1250,") != NULL, "got %.500s", two);
    free(one);
    free(two);
}
END_TEST

START_TEST(nothing_is_fine)
{
    struct run run;

    begin(&run, "example.net");
    struct parse_thread *parse_thread = begin_ahead(&run);
    parse_thread_end(parse_thread);
    want_number("lines", (int64_t)run.p->counters.lines, 0);
    run_end(&run);
    settings_done(&settings);
}
END_TEST

/* One processor, or a callback that must see each line as it is applied. */
START_TEST(is_there_only_where_it_helps)
{
    cpu_set_t before, one;
    struct run run;

    begin(&run, "example.net");
    ck_assert_int_eq(sched_getaffinity(0, sizeof(before), &before), 0);
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
    struct parse_thread *parse_thread = parse_thread_new(run.p);
    ck_assert_int_eq(sched_setaffinity(0, sizeof(before), &before), 0);
    ck_assert_ptr_null(parse_thread);
    run.p->options.on_event = run_hear;
    ck_assert_ptr_null(parse_thread_new(run.p));
    run_end(&run);
    settings_done(&settings);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("parse_thread");
    cpu_set_t cpus;

    tcase_add_test(tc, is_there_only_where_it_helps);
    if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1) {
        tcase_add_test(tc, lines_come_to_the_same);
        tcase_add_test(tc, entries_come_to_the_same);
        tcase_add_test(tc, nothing_is_fine);
    } else {
        puts("skipped: two threads, there is one processor");
    }
    return run_suite("parse_thread", tc);
}
