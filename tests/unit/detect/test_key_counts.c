/* SPDX-License-Identifier: MIT */
#include "detect/key_counts.h"
#include "rows.h"

static struct host_load host;
static struct detector d;

static void set_up(void)
{
    host = (struct host_load){.at_s = 1000};
    d = (struct detector){.cell_max = 1000, .load = &host};
    ck_assert(key_counts_init(&d));
}

static void tear_down(void)
{
    free(d.level);
}

START_TEST(a_key_keeps_its_count)
{
    for (uint64_t key = 1; key <= 1500; key++)
        key_counts_get(&d, key * 0x9e3779b97f4a7c15, 0)->last_s = 1000;
    for (uint64_t key = 1; key <= 1500; key++)
        want_number("last_s", key_counts_get(&d, key * 0x9e3779b97f4a7c15, 0)->last_s, 1000);
    want_number("used", d.level_used, 1500);
}
END_TEST

/* Twice as many as cells: then a quarter goes, the oldest first. None is refused. */
START_TEST(at_the_bound_the_oldest_make_room)
{
    for (uint32_t key = 1; key <= 100000; key++) {
        host.at_s = 1000 + key / 100;
        struct key_count *count = key_counts_get(&d, key, 0);
        ck_assert_msg(count != NULL, "refused: %u", key);
        count->last_s = 1000 + key / 100;
        ck_assert_msg(d.level_used <= 2000, "%u keys at %u", d.level_used, key);
    }
    want_number("dropped", (int64_t)d.counters.keys_refused, 100000 - d.level_used);
    for (uint32_t key = 98600; key <= 100000; key++)
        want_number("the latest", key_counts_get(&d, key, 0)->last_s, 1000 + key / 100);
    want_number("slots", d.level_size, 4096);
}
END_TEST

/* A day later the old ones make room. */
START_TEST(what_is_stale_makes_room)
{
    host.at_s = 1000;
    for (uint64_t key = 1; key <= 2000; key++)
        key_counts_get(&d, key, 0)->last_s = 1000;
    host.at_s = 1000 + 86400;
    for (uint64_t key = 10001; key <= 12000; key++)
        key_counts_get(&d, key, 0)->last_s = 1000 + 86400;
    want_number("refused", (int64_t)d.counters.keys_refused, 0);
}
END_TEST

static struct bucket of_hour(uint32_t at_s)
{
    return (struct bucket){300, at_s / 300};
}

static struct bucket of_day(uint32_t at_s)
{
    return (struct bucket){7200, at_s / 7200};
}

/* What was counted last is not in the windows yet, and counts as if it were. */
START_TEST(the_latest_counts_as_in_windows)
{
    static const uint32_t now[KEY_MEASURES] = {3, 1, 0}, day[KEY_MEASURES] = {5, 0, 1};
    struct key_count kept = {.key = 1, .last_s = 100000}, made = kept;

    ck_assert(key_count_add(&kept, now, day, KEY_MEASURES) &&
              key_count_add(&made, now, day, KEY_MEASURES));
    ck_assert(key_count_windows(&made, 300));
    want_number("not in the windows", kept.counts == NULL, true);
    for (uint32_t at_s = 100000; at_s < 100000 + 2 * 86400; at_s += 150)
        for (int i = 0; i < KEY_MEASURES; i++) {
            want_number("hour", key_count_sum(&kept, i, of_hour(at_s), false),
                        key_count_sum(&made, i, of_hour(at_s), false));
            want_number("day", key_count_sum(&kept, i, of_day(at_s), true),
                        key_count_sum(&made, i, of_day(at_s), true));
        }
    want_number("in the hour", key_count_sum(&kept, 0, of_hour(103499), false), 3);
    want_number("after it", key_count_sum(&kept, 0, of_hour(103500), false), 0);
    want_number("in the day", key_count_sum(&kept, 0, of_day(103600), true), 5);
    key_count_clear(&d, &made);
    want_number("cleared", key_count_sum(&made, 0, of_hour(100000), false), 0);
}
END_TEST

/* More in one bucket than the latest has room for goes into the windows. */
START_TEST(a_busy_key_loses_nothing)
{
    static const uint32_t now[KEY_MEASURES] = {40000}, day[KEY_MEASURES] = {40000};
    struct key_count count = {.key = 1, .last_s = 100000};

    want_number("40000", key_count_add(&count, now, day, KEY_MEASURES), true);
    want_number("80000", key_count_add(&count, now, day, KEY_MEASURES), false);
    want_number("nothing of it", key_count_sum(&count, 0, of_hour(100000), false), 40000);
    ck_assert(key_count_windows(&count, 300));
    want_number("80000 with windows", key_count_add(&count, now, day, KEY_MEASURES), true);
    want_number("hour", key_count_sum(&count, 0, of_hour(100000), false), 80000);
    want_number("day", key_count_sum(&count, 0, of_day(100000), true), 80000);
    key_count_clear(&d, &count);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("key_counts");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_key_keeps_its_count);
    tcase_add_test(tc, at_the_bound_the_oldest_make_room);
    tcase_add_test(tc, what_is_stale_makes_room);
    tcase_add_test(tc, the_latest_counts_as_in_windows);
    tcase_add_test(tc, a_busy_key_loses_nothing);
    return run_suite("key_counts", tc);
}
