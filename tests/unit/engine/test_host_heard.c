/* SPDX-License-Identifier: MIT */
/* Hosts that go silent are told from those that log little, and lines that come late from
 * others. */
#include "engine/host_heard.h"

#include "core_run.h"

static struct core_run run;

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 7 * DAY };

static void line_of(const char *host)
{
    run.host = host;
    core_feed(&run, "qmgr: AAAAA01: removed");
}

static wall_us now(void)
{
    return run.now_s * US_PER_S;
}

static uint16_t number_of(const char *host)
{
    return hosts_find(&run.p->hosts, span_str(host));
}

static struct host_seen seen(const char *host)
{
    return host_seen_of(run.p, number_of(host), now(), now());
}

/* Time goes on, with a line of mx1 every minute, and a look. */
static void pass(uint32_t s)
{
    for (uint32_t end = run.now_s + s; run.now_s < end;) {
        run.now_s += end - run.now_s < MINUTE ? end - run.now_s : MINUTE;
        line_of("mx1");
        host_heard_look(run.p, now());
    }
}

static void begin(void)
{
    core_begin(&run, NULL);
    line_of("mx1");
    host_heard_follow(run.p, true);
}

static void end(void)
{
    core_end(&run);
}

/* --- when ------------------------------------------------------------------------------------- */

/* mx2 logs `lines` lines, so far apart. */
static const struct {
    const char *name;
    uint32_t apart_s, lines, after_s;
} rules[] = {
    {"not for a day", MINUTE, 24 * 60, 0},
    {"for a day", MINUTE, 24 * 60 + 1, 15 * MINUTE},
    {"every 89 seconds", 89, 1000, 15 * MINUTE},
    {"every 91 seconds", 91, 1000, 910},
    {"every hour", HOUR, 30, 10 * HOUR},
    {"twice a day", 12 * HOUR, 5, 5 * DAY},
    {"once a day", DAY, 3, WEEK},
    {"every three days", 3 * DAY, 3, WEEK},
    {"every four days", 4 * DAY, 3, 8 * DAY},
    {"once a week", WEEK, 3, 2 * WEEK},
};

START_TEST(it_follows_from_the_hosts_own_pauses)
{
    begin();
    line_of("mx2");
    for (uint32_t i = 1; i < rules[_i].lines; i++) {
        run.now_s += rules[_i].apart_s;
        line_of("mx2");
    }
    uint32_t after_s = seen("mx2").after_s;
    want_number(rules[_i].name, after_s, rules[_i].after_s);
    if (after_s) {
        run.now_s += after_s - 1;
        want_number("a second before", seen("mx2").silent, false);
        run.now_s++;
        want_number("then", seen("mx2").silent, true);
        run.now_s += WEEK - 1;
        want_number("for a week", seen("mx2").silent, true);
        run.now_s++;
        want_number("then it is gone", seen("mx2").silent, false);
    } else {
        run.now_s += WEEK;
        want_number("never", seen("mx2").silent, false);
    }
    end();
}
END_TEST

/* Five lines a working day, three weeks long: it is silent by night and at weekends. Then it
 * dies. */
START_TEST(who_logs_little_is_not_silent)
{
    static const uint32_t at_s[] = {8 * HOUR, 10 * HOUR, 12 * HOUR, 15 * HOUR, 17 * HOUR};
    int silent = 0;

    begin();
    run.now_s = CORE_BEGIN_S / WEEK * WEEK + 4 * DAY; /* a Monday */
    for (uint32_t day = 0, monday = run.now_s; day < 21; day++)
        for (int i = 0; i < COUNT(at_s) && day % 7 < 5; i++) {
            while (run.now_s < monday + day * DAY + at_s[i]) {
                pass(HOUR / 2);
                if (number_of("mx2") != HOSTS_NONE)
                    silent += seen("mx2").silent;
            }
            line_of("mx2");
        }
    want_number("looks at which it was silent", silent, 0);
    want_number("its longest pause", seen("mx2").pause_s, 63 * HOUR);
    pass(WEEK - 1);
    want_number("not yet", seen("mx2").silent, false);
    pass(1);
    want_number("a week later", seen("mx2").silent, true);
    end();
}
END_TEST

/* An outage does not make the host's silence unheard, but what comes again is not told again. */
START_TEST(a_pause_that_was_told_counts_as_a_fifth)
{
    begin();
    for (uint32_t i = 0; i < 2 * DAY / MINUTE; i++) {
        pass(MINUTE);
        line_of("mx2");
    }
    pass(3 * HOUR);
    want_number("silent", seen("mx2").silent, true);
    line_of("mx2");
    want_number("back", seen("mx2").silent, false);
    want_number("the pause", seen("mx2").pause_s, 36 * MINUTE);
    want_number("from now on", seen("mx2").after_s, 6 * HOUR);
    pass(MINUTE);
    line_of("mx2");
    pass(10 * MINUTE);
    line_of("mx2");
    pass(40 * MINUTE);
    line_of("mx2");
    want_number("one that was not told", seen("mx2").pause_s, 40 * MINUTE);
    end();
}
END_TEST

START_TEST(a_pause_is_forgotten_after_two_weeks)
{
    begin();
    line_of("mx2");
    pass(HOUR);
    for (uint32_t i = 0; i < 16 * DAY / MINUTE; i++) {
        line_of("mx2");
        if (i == 13 * DAY / MINUTE)
            want_number("after 13 days", seen("mx2").pause_s, HOUR);
        pass(MINUTE);
    }
    want_number("after 16 days", seen("mx2").pause_s, MINUTE);
    end();
}
END_TEST

/* Lines that come in another order, or are dated far ahead, are no pauses. */
START_TEST(dates_make_no_pause)
{
    begin();
    for (int i = 0; i < 100; i++) {
        run.now_s += 10;
        run.off_s = i % 3 == 0 ? -5 : 0;
        line_of("mx2");
    }
    run.off_s = 400 * DAY;
    line_of("mx2");
    run.off_s = 0;
    run.now_s += 10;
    line_of("mx2");
    want_number("pause", seen("mx2").pause_s, 15);
    end();
}
END_TEST

/* --- late, ahead ------------------------------------------------------------------------------ */

START_TEST(a_line_is_late_or_its_clock_is_ahead)
{
    begin();
    line_of("mx2");
    run.now_s += 100;
    run.off_s = -40;
    line_of("mx2");
    run.off_s = 7200;
    line_of("mx3");
    run.off_s = 0;
    run.now_s += 50;
    want_number("late", seen("mx2").late_s, 40);
    want_number("not ahead", seen("mx2").ahead_s, 0);
    want_number("quiet", seen("mx2").quiet_s, 50);
    want_number("ahead", seen("mx3").ahead_s, 7200);
    want_number("not late", seen("mx3").late_s, 0);
    end();
}
END_TEST

/* What was written before is read when it is read. */
START_TEST(old_lines_are_not_late)
{
    begin();
    host_heard_follow(run.p, false);
    run.off_s = -DAY / 2;
    line_of("mx2");
    run.off_s = 0;
    run.now_s += 10;
    pipeline_clock(run.p, now());
    host_heard_follow(run.p, true);
    want_number("timed", seen("mx2").is_timed, false);
    want_number("late", seen("mx2").late_s, 0);
    line_of("mx2");
    want_number("timed then", seen("mx2").is_timed, true);
    end();
}
END_TEST

/* --- all of them ------------------------------------------------------------------------------ */

START_TEST(the_worst_come_first_and_all_are_counted)
{
    struct hosts_seen all;
    char name[16];

    begin();
    for (int round = 0; round < 30; round++, run.now_s += HOUR) {
        line_of("mx1");
        for (int i = 0; i < 200; i++) {
            snprintf(name, sizeof(name), "mx%d", 100 + i);
            line_of(name);
        }
    }
    run.now_s += 9 * HOUR - 200;
    for (int i = 0; i < 200; i++, run.now_s++) {
        snprintf(name, sizeof(name), "mx%d", 100 + i);
        run.off_s = i == 20 ? -400 : i == 21 ? 600 : i == 22 ? -HOSTS_SEEN_LATE_S : 0;
        if (i >= 3)
            line_of(name);
        run.off_s = 0;
    }
    line_of("mx1");
    hosts_seen_sum(run.p, now(), now(), &all);
    want_number("count", all.count, 201);
    want_number("silent", all.silent, 3);
    want_number("late", all.late, 2);
    want_number("ahead", all.ahead, 1);
    want_number("well", all.well, 195);
    want_number("shown", all.shown, HOSTS_SEEN_SHOWN);
    static const char *const want[HOSTS_SEEN_SHOWN] = {"mx100", "mx101", "mx102", "mx121", "mx120",
                                                       "mx122", "mx103", "mx104", "mx105", "mx106"};
    for (uint32_t i = 0; i < HOSTS_SEEN_SHOWN; i++)
        want_text(want[i], run.p->hosts.host[all.host[i].host].name->at, want[i]);
    want_number("the newest", all.newest_silent, number_of("mx100"));
    end();
}
END_TEST

/* A log of one host alone is looked at elsewhere. */
START_TEST(one_host_is_not_seen)
{
    struct hosts_seen all;

    begin();
    run.now_s += 2 * DAY;
    line_of("mx1");
    hosts_seen_sum(run.p, now(), now(), &all);
    want_number("count", all.count, 0);
    end();
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("host_heard");

    ADD_ROWS(tc, it_follows_from_the_hosts_own_pauses, rules);
    tcase_add_test(tc, who_logs_little_is_not_silent);
    tcase_add_test(tc, a_pause_that_was_told_counts_as_a_fifth);
    tcase_add_test(tc, a_pause_is_forgotten_after_two_weeks);
    tcase_add_test(tc, dates_make_no_pause);
    tcase_add_test(tc, a_line_is_late_or_its_clock_is_ahead);
    tcase_add_test(tc, old_lines_are_not_late);
    tcase_add_test(tc, the_worst_come_first_and_all_are_counted);
    tcase_add_test(tc, one_host_is_not_seen);
    return run_suite("host_heard", tc);
}
