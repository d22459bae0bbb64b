/* SPDX-License-Identifier: MIT */
/* Which cells of a scope count under a key: in the window, and in a day. */
#include "detect/grouping_count.h"

#include "detect/detector.h"

#include "detector_run.h"

enum { WHEN = CORE_BEGIN_S + 60, HOUR = 3600 };

/* The grouping as of now_s of the only scope with cells; its members are all of them. */
static struct grouping look(uint32_t now_s, struct member *member)
{
    struct detector *d = &run.p->detector;
    struct grouping s = {.d = d, .kind = KIND_OPEN_RELAY, .now_s = now_s, .member = member};

    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key) {
            s.scope = d->cell[i].scope;
            member[s.member_count++] = (struct member){
                .cell = i, .group = -1, .is_recent = d->cell[i].totals.last_s + HOUR >= now_s};
        }
    return s;
}

START_TEST(window_and_day_count_each_their_own)
{
    struct member member[8];
    uint64_t now[MEASURES] = {0}, day[MEASURES] = {0};

    for (int i = 0; i < 3; i++)
        observe(relayed(1, 1, WHEN));
    observe(relayed(1, 1, WHEN + 3 * HOUR)); /* another run: the first is parked */
    struct grouping s = look(WHEN + 3 * HOUR, member);
    want_number("cells", s.member_count, 2);
    for (uint32_t i = 0; i < s.member_count; i++) {
        grouping_add_cell(&s, cell_of(&s, &member[i]), false, now);
        grouping_add_cell(&s, cell_of(&s, &member[i]), true, day);
        want_number("in the window", grouping_takes_part(&s, &member[i], 0, false),
                    !cell_of(&s, &member[i])->parked);
        want_number("in a day", grouping_takes_part(&s, &member[i], 0, true), true);
    }
    want_number("window", now[MEASURE_MAIN], 1);
    want_number("day", day[MEASURE_MAIN], 4);
}
END_TEST

START_TEST(a_day_crosses_where_an_hour_does_not)
{
    struct member member[8];
    struct crossing crossing = {.what = CROSSED_NONE};

    for (int run_of_4 = 0; run_of_4 < 3; run_of_4++)
        for (int i = 0; i < 4; i++)
            observe(relayed(1, 1, WHEN + (uint32_t)run_of_4 * 2 * HOUR));
    struct grouping s = look(WHEN + 4 * HOUR, member);
    for (uint32_t i = 0; i < s.member_count; i++)
        member[i].key = cell_of(&s, &member[i])->level[0];
    want_number("hour", grouping_crosses(&s, 0, 0, s.member_count, false, &crossing), false);
    want_number("day of 12", grouping_crosses(&s, 0, 0, s.member_count, true, &crossing), false);
    for (int i = 0; i < 3; i++)
        observe(relayed(1, 1, WHEN + 4 * HOUR));
    want_number("raised by 15", detector_incidents(&run.p->detector), 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("grouping_count");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, window_and_day_count_each_their_own);
    tcase_add_test(tc, a_day_crosses_where_an_hour_does_not);
    return run_suite("grouping_count", tc);
}
