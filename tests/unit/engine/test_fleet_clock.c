/* SPDX-License-Identifier: MIT */
/* The fleet's time is that of most lines, and one host's clock moves it only where it is alone. */
#include "engine/fleet_clock.h"

#include "core_run.h"

static struct core_run run;

static const char *const hosts[] = {"mx1", "mx2", "mx3"};
enum { HOUR_S = 3600 };

/* A line of that host, so far from the true time. */
static void line_of(int host, int32_t off_s)
{
    run.host = hosts[host];
    run.off_s = off_s;
    core_feed(&run, "qmgr: AAAAA01: removed");
}

static int64_t fleet_off(void)
{
    return (int64_t)run.p->hosts.host[run.p->detector.fleet].now_s - run.now_s;
}

static void begin(void)
{
    core_begin_site(&run, NULL, "fleet = 10.1.0.0/24\n");
}

static void end(void)
{
    core_end(&run);
}

START_TEST(a_clock_ahead_does_not_move_it)
{
    line_of(0, 0);
    for (int i = 0; i < 10; i++) {
        line_of(2, 2 * HOUR_S);
        want_number("one line ahead", fleet_off(), 0);
        run.now_s++;
        line_of(1, 0);
        want_number("the others go on", fleet_off(), 0);
        line_of(0, 0);
    }
    line_of(1, 200); /* within what clocks may differ */
    want_number("somewhat ahead", fleet_off(), 200);
}
END_TEST

START_TEST(a_clock_ahead_that_comes_first_is_put_right)
{
    line_of(2, 2 * HOUR_S);
    want_number("alone", fleet_off(), 2 * HOUR_S);
    line_of(0, 0);
    want_number("one against one", fleet_off(), 2 * HOUR_S);
    line_of(1, 0);
    want_number("two against one", fleet_off(), 0);
}
END_TEST

START_TEST(after_a_silence_it_goes_on)
{
    line_of(0, 0);
    run.now_s += HOUR_S;
    line_of(0, 0);
    want_number("one line", fleet_off(), -HOUR_S);
    for (int i = 0; i < 16; i++, run.now_s++)
        line_of(0, 0);
    line_of(0, 0);
    want_number("one host alone", fleet_off(), 0);
    run.now_s += HOUR_S;
    line_of(0, 0);
    line_of(1, 0);
    want_number("two hosts", fleet_off(), 0);
}
END_TEST

static void line_a_second_of(int host, int32_t off_s, int count)
{
    for (int i = 0; i < count; i++, run.now_s++)
        line_of(host, off_s);
}

START_TEST(a_clock_that_was_off_takes_longer)
{
    line_of(0, 0);
    line_of(2, 2 * HOUR_S);
    run.now_s++;
    line_of(0, 0);
    line_a_second_of(2, 2 * HOUR_S, 599);
    want_number("alone for long", fleet_off(), -599);
    line_a_second_of(2, 2 * HOUR_S, 2);
    want_number("alone for ten minutes", fleet_off(), 2 * HOUR_S - 1);
}
END_TEST

START_TEST(a_clock_put_right_is_believed_again)
{
    line_of(0, 0);
    line_of(2, 2 * HOUR_S);
    run.now_s++;
    line_of(0, 0);
    run.now_s += 2 * HOUR_S; /* the fleet is silent, and it is put right meanwhile */
    line_of(2, 0);
    line_of(0, 0);
    run.now_s++;
    line_of(2, 0);
    want_number("it agrees", fleet_off(), 0);
    run.now_s += HOUR_S;
    line_a_second_of(2, 0, 17);
    want_number("alone", fleet_off(), -1);
}
END_TEST

START_TEST(evidence_counts_at_its_time)
{
    line_of(0, 0);
    uint16_t fleet = run.p->detector.fleet;
    want_number("its own", detector_time(&run.p->detector, fleet, run.now_s - 300),
                run.now_s - 300);
    want_number("far behind", detector_time(&run.p->detector, fleet, run.now_s - 301), run.now_s);
    want_number("far ahead", detector_time(&run.p->detector, fleet, run.now_s + 301), run.now_s);
    want_number("another host's", detector_time(&run.p->detector, fleet + 1u, run.now_s + 301),
                run.now_s + 301);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("fleet_clock");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_clock_ahead_does_not_move_it);
    tcase_add_test(tc, a_clock_ahead_that_comes_first_is_put_right);
    tcase_add_test(tc, after_a_silence_it_goes_on);
    tcase_add_test(tc, a_clock_that_was_off_takes_longer);
    tcase_add_test(tc, a_clock_put_right_is_believed_again);
    tcase_add_test(tc, evidence_counts_at_its_time);
    return run_suite("fleet_clock", tc);
}
