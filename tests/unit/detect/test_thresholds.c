/* SPDX-License-Identifier: MIT */
/* What evidence adds under its keys, and when that is worth a grouping. */
#include "detect/thresholds.h"
#include "detect/detector.h"

#include "detector_run.h"

/* No wider key would say so at the same moment. */
START_TEST(own_threshold_raises_at_once)
{
    again("[open-relay 100.0.0.1]\nrecipients = 7\n");
    for (int i = 1; i <= 7; i++) {
        observe(relayed(1, 1, 1000));
        want_number("raised", run.events[INCIDENT_RAISED], i == 7);
    }
}
END_TEST

static uint32_t grouped_s(void)
{
    return run.p->detector.scope[scope_number(0, KIND_OPEN_RELAY, CAUSE_NONE)].grouped_s;
}

/* Its keys' counts show that it would find nothing. */
START_TEST(scope_below_its_thresholds_is_not_grouped)
{
    for (int i = 1; i <= 4; i++)
        observe(relayed(1, 1, 1000));
    detector_group(&run.p->detector);
    want_number("grouped", grouped_s(), 0);
    observe(relayed(1, 1, 1001));
    want_number("grouped when it crosses", grouped_s(), 1001);
    want_number("raised", run.events[INCIDENT_RAISED], 1);
}
END_TEST

/* By other thresholds, the counts show nothing. */
START_TEST(lower_threshold_reaches_what_was_counted)
{
    struct settings lower = run.settings;

    for (int i = 1; i <= 4; i++)
        observe(relayed(1, 1, 1000));
    lower.kind[KIND_OPEN_RELAY].recipients = 4;
    detector_set_settings(&run.p->detector, &lower);
    detector_group(&run.p->detector);
    want_number("raised", run.events[INCIDENT_RAISED], 1);
}
END_TEST

/* What is missing in the window is not what is missing in the day. */
START_TEST(each_window_has_its_own_spare)
{
    for (int hour = 0; hour < 5; hour++)
        for (int i = 0; i < 3; i++) {
            want_number("before", run.events[INCIDENT_RAISED], 0);
            observe(relayed(1, 1, 100000 + 4000 * (uint32_t)hour));
        }
    want_number("15 in a day", run.events[INCIDENT_RAISED], 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("thresholds");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, own_threshold_raises_at_once);
    tcase_add_test(tc, scope_below_its_thresholds_is_not_grouped);
    tcase_add_test(tc, lower_threshold_reaches_what_was_counted);
    tcase_add_test(tc, each_window_has_its_own_spare);
    return run_suite("thresholds", tc);
}
