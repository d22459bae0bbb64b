/* SPDX-License-Identifier: MIT */
/* What had ended belongs to an attack by what it had in common with it. */
#include "detect/rejoin.h"

#include "burst_run.h"
#include "detect/compact.h"

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

/* What others in its scope have is not its own. */
START_TEST(without_cells_it_has_nothing_in_common)
{
    again("");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(256, 1, AT_S));
    observe(relayed(512, 2, AT_S));
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident)
            compact_evict(d, &d->cell[i]);
    detector_tick(d, 0, AT_S + GAP_S);
    const struct incident *incident = core_incident(&run);
    want_number("state", incident->state, INCIDENT_ENDED);
    for (int l = 1; l < LEVELS_MAX; l++)
        ck_assert_msg(!incident->common[l], "a key at level %d", l);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("rejoin");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, what_has_too_little_in_common_stays_apart);
    tcase_add_test(tc, after_a_day_it_is_another);
    tcase_add_test(tc, without_cells_it_has_nothing_in_common);
    return run_suite("rejoin", tc);
}
