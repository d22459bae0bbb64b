/* SPDX-License-Identifier: MIT */
#include "engine/log_sample.h"

#include <stdio.h>

#include "rows.h"

#define HEAD    "2026-11-24T03:47:12Z mx1 "
#define POSTFIX HEAD "postfix/qmgr[812]: 4FBFE15E604A: removed\n"
#define OTHER   HEAD "sshd[1]: Accepted publickey for root\n"
#define BARE    "<22>1 2026-11-24T03:47:12Z mx1 postfix 812 - -  4FBFE15E604A: removed\n"
#define NINE(x) x x x x x x x x x

static const struct {
    const char *name, *text;
    uint64_t lines, formed, postfix;
    bool formless, nameless;
    const char *odd;
} logs[] = {
    {"nothing", "", 0, 0, 0, false, false, ""},
    {"empty lines", "\n\r\n", 0, 0, 0, false, false, ""},
    {"a log", POSTFIX OTHER POSTFIX, 3, 3, 2, false, false, ""},
    {"none of Postfix", OTHER OTHER, 2, 2, 0, false, false, ""},
    {"one line of no form", "the quick brown fox\n", 1, 0, 0, true, false, "the quick brown fox"},
    {"made printable", "\x1b[2J\xff\n", 1, 0, 0, true, false, "?[2J?"},
    {"a stack trace within", POSTFIX "  at x\n  at y\n" POSTFIX, 4, 2, 2, false, false, "at x"},
    {"19 at its end", POSTFIX NINE("x\n") NINE("x\n") "x\n", 20, 1, 1, false, false, "x"},
    {"20 at its end", POSTFIX "a\n" NINE("x\n") NINE("x\n") "y\n", 21, 1, 1, true, false, "a"},
    {"20, and a good one", POSTFIX NINE("x\n") NINE("x\n") "x\ny\n" POSTFIX, 22, 2, 2, false, false,
     "x"},
    {"no program", BARE, 1, 1, 0, false, true,
     "<22>1 2026-11-24T03:47:12Z mx1 postfix 812 - -  4FBFE15E604A: removed"},
    {"some have one", BARE POSTFIX BARE, 3, 3, 1, false, false,
     "<22>1 2026-11-24T03:47:12Z mx1 postfix 812 - -  4FBFE15E604A: removed"},
    {"docker's",
     "{\"log\":\"" HEAD "postfix/qmgr[8]: 4FBFE15E604A: removed\\n\","
     "\"stream\":\"stdout\",\"time\":\"2026-11-24T03:47:12Z\"}\n",
     1, 1, 1, false, false, ""},
};

START_TEST(a_form_is_known_or_not)
{
    struct log_sample sample;

    ck_assert(log_sample_init(&sample, NULL));
    log_sample_lines(&sample, 3, 0, logs[_i].text, strlen(logs[_i].text));
    struct log_sample_part all = log_sample_all(&sample);
    const struct log_sample_part none = {0}, *part = log_sample_part(&sample, 3);
    want_number("part", part != NULL, logs[_i].lines > 0);
    part = part ? part : &none;
    want_number("lines", (int64_t)all.lines, (int64_t)logs[_i].lines);
    want_number("formed", (int64_t)all.formed, (int64_t)logs[_i].formed);
    want_number("Postfix", (int64_t)all.postfix, (int64_t)logs[_i].postfix);
    want_number("formless", log_sample_is_formless(part), logs[_i].formless);
    want_number("nameless", log_sample_is_nameless(part), logs[_i].nameless);
    want_text("odd", part->odd, logs[_i].odd);
    ck_assert_ptr_null(log_sample_part(&sample, 1));
    ck_assert_ptr_null(log_sample_part(&sample, 4));
    log_sample_done(&sample);
}
END_TEST

/* One good file hides no other. */
START_TEST(each_part_is_judged_by_itself)
{
    struct log_sample sample;

    ck_assert(log_sample_init(&sample, NULL));
    for (int i = 0; i < 30; i++) {
        log_sample_lines(&sample, 1, 0, POSTFIX, sizeof(POSTFIX) - 1);
        log_sample_lines(&sample, 2, 0, "x\n", 2);
    }
    ck_assert(!log_sample_is_formless(log_sample_part(&sample, 1)));
    ck_assert(log_sample_is_formless(log_sample_part(&sample, 2)));
    log_sample_done(&sample);
}
END_TEST

/* --- hosts ------------------------------------------------------------------------------------ */

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, T0 = 1795492032 };

static void line_at(struct log_sample *sample, const char *host, int64_t at_s)
{
    const struct syslog_header header = {.when = (T0 + at_s) * US_PER_S,
                                         .host = span_str(host),
                                         .tag = SPAN("postfix/qmgr"),
                                         .text = SPAN("4FBFE15E604A: removed"),
                                         .prefix = -1};
    log_sample_entry(sample, &header);
}

static const struct {
    const char *name;
    int64_t every_s, until_s, now_s;
    bool silent;
} silences[] = {
    {"a line a minute, then none for 14", MINUTE, 2 * DAY, 2 * DAY + 14 * MINUTE, false},
    {"for 15", MINUTE, 2 * DAY, 2 * DAY + 15 * MINUTE, true},
    {"ten times its pause", HOUR, 2 * DAY, 2 * DAY + 10 * HOUR, true},
    {"less", HOUR, 2 * DAY, 2 * DAY + 10 * HOUR - 1, false},
    {"not heard over a day", MINUTE, DAY - MINUTE, DAY + 12 * HOUR, false},
    {"gone for good", MINUTE, 2 * DAY, 10 * DAY, false},
};

START_TEST(a_silent_host_is_seen)
{
    struct log_sample sample;
    struct host_seen seen;
    wall_us now = (T0 + silences[_i].now_s) * US_PER_S;

    ck_assert(log_sample_init(&sample, NULL));
    for (int64_t at_s = 0; at_s <= silences[_i].until_s; at_s += silences[_i].every_s)
        line_at(&sample, "mx1", at_s);
    ck_assert(!log_sample_host_is_silent(&sample, 0, now, &seen)); /* alone */
    line_at(&sample, "mx2", silences[_i].now_s);
    want_number(silences[_i].name, log_sample_host_is_silent(&sample, 0, now, &seen),
                silences[_i].silent);
    want_number("quiet", seen.quiet_s, silences[_i].now_s - silences[_i].until_s);
    want_number("pause", seen.pause_s, silences[_i].every_s);
    ck_assert(!log_sample_host_is_silent(&sample, 1, now, &seen));
    log_sample_done(&sample);
}
END_TEST

/* One line of another year, of a host whose clock was off, or that a program repeated. */
START_TEST(a_date_far_ahead_is_no_pause)
{
    struct log_sample sample;
    struct host_seen seen;

    ck_assert(log_sample_init(&sample, NULL));
    for (int64_t at_s = 0; at_s <= 2 * DAY; at_s += MINUTE) {
        line_at(&sample, "mx1", at_s);
        if (at_s == DAY)
            line_at(&sample, "mx1", 100 * DAY);
    }
    line_at(&sample, "mx2", 2 * DAY);
    ck_assert(log_sample_host_is_silent(&sample, 0, (T0 + 2 * DAY + HOUR) * US_PER_S, &seen));
    want_number("quiet", seen.quiet_s, HOUR);
    /* Two make it true. */
    line_at(&sample, "mx1", 5 * DAY);
    line_at(&sample, "mx1", 5 * DAY + 1);
    ck_assert(!log_sample_host_is_silent(&sample, 0, (T0 + 5 * DAY + HOUR) * US_PER_S, &seen));
    want_number("quiet", seen.quiet_s, HOUR - 1);
    log_sample_done(&sample);
}
END_TEST

/* Who has not written for an hour makes room for another in the daemon. */
START_TEST(hosts_are_counted)
{
    struct log_sample sample;
    char name[32];

    ck_assert(log_sample_init(&sample, NULL));
    want_number("none", log_sample_hosts(&sample), 0);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "mx%d", i % 4200);
        line_at(&sample, name, i);
    }
    want_number("all", sample.hosts.host_count, 4200);
    want_number("within an hour of the newest", log_sample_hosts(&sample), 3601);
    line_at(&sample, "MX1", 5000);
    want_number("without case", sample.hosts.host_count, 4200);
    log_sample_done(&sample);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("log_sample");

    ADD_ROWS(tc, a_form_is_known_or_not, logs);
    tcase_add_test(tc, each_part_is_judged_by_itself);
    ADD_ROWS(tc, a_silent_host_is_seen, silences);
    tcase_add_test(tc, a_date_far_ahead_is_no_pause);
    tcase_add_test(tc, hosts_are_counted);
    return run_suite("log_sample", tc);
}
