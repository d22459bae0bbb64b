/* SPDX-License-Identifier: MIT */
/* What had ended belongs to an attack by what it had in common with it. */
#include "detect/rejoin.h"

#include "burst_run.h"

START_TEST(what_has_too_little_in_common_stays_apart)
{
    again("");
    for (int i = 0; i < 5; i++)
        observe(relayed(256, i, AT_S)); /* one in five under the domain */
    burst(5, 512, 1);
    want_text("one in five", told(), "0 100.0.1.0 5 of 1, 0 100.0.2.0 5 of 1");
}
END_TEST

START_TEST(after_a_day_it_is_another)
{
    again("");
    burst(0, 256, 1);
    burst_of(relayed(512, 1, 0), AT_S + 86400, 5);
    want_text("to the second", told(), "2 spam1.example 10 of 2");
    again("");
    burst(0, 256, 1);
    burst_of(relayed(512, 1, 0), AT_S + 86401, 5);
    want_text("a second more", told(), "0 100.0.1.0 5 of 1, 0 100.0.2.0 5 of 1");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("rejoin");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, what_has_too_little_in_common_stays_apart);
    tcase_add_test(tc, after_a_day_it_is_another);
    return run_suite("rejoin", tc);
}
