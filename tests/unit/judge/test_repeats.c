/* SPDX-License-Identifier: MIT */
#include "judge/repeats.h"
#include "rows.h"

#include <string.h>

enum { DAY_S = 86400, NOON_S = 20000 * DAY_S + DAY_S / 2 };

static struct repeats repeats;

/* How many of n count. */
static int send(uint64_t pair, int n, uint32_t at_s)
{
    int counts = 0;

    for (int i = 0; i < n; i++)
        counts += repeats_see(&repeats, pair, at_s);
    return counts;
}

static void begin(void)
{
    memset(&repeats, 0, sizeof(repeats));
}

static const struct {
    const char *name;
    int n, counts;
} rows[] = {
    {"one", 1, 1},          {"free", 10, 10},      {"beyond", 17, 10},  {"one in eight", 18, 11},
    {"a monitor", 250, 40}, {"a bomb", 1530, 200}, {"less", 1529, 199}, {"in a day", 4730, 600},
};

START_TEST(of_so_many_count)
{
    want_number(rows[_i].name, send(7, rows[_i].n, NOON_S), rows[_i].counts);
}
END_TEST

START_TEST(each_day_begins_anew)
{
    want_number("a day", send(7, 100, NOON_S), 21);
    want_number("the next", send(7, 10, NOON_S + DAY_S), 10);
    want_number("a late line", send(7, 7, NOON_S), 0);
    want_number("and one more", send(7, 1, NOON_S + DAY_S), 1);
}
END_TEST

START_TEST(others_are_counted_apart)
{
    want_number("one", send(7, 18, NOON_S), 11);
    want_number("another", send(8, 10, NOON_S), 10);
    want_number("none", send(0, 10, NOON_S), 10);
}
END_TEST

/* Who writes to many strangers does not make an address forgotten that gets much mail. */
START_TEST(a_newsletter_passes_by)
{
    want_number("before", send(7, 18, NOON_S), 11);
    for (uint64_t i = 1; i <= 100000; i++)
        ck_assert(repeats_see(&repeats, 7 + i * REPEATS_SLOTS, NOON_S));
    want_number("after", send(7, 8, NOON_S), 1);
}
END_TEST

START_TEST(times_of_a_day)
{
    want_number("none", repeats_times(&repeats, 7, NOON_S), 0);
    want_number("one", repeats_add(&repeats, 7, NOON_S), 1);
    want_number("two", repeats_add(&repeats, 7, NOON_S), 2);
    want_number("told", repeats_times(&repeats, 7, NOON_S), 2);
    want_number("of another", repeats_times(&repeats, 8, NOON_S), 0);
    want_number("tomorrow", repeats_times(&repeats, 7, NOON_S + DAY_S), 0);
    want_number("still", repeats_times(&repeats, 7, NOON_S), 2);
    repeats_forget(&repeats, 8);
    want_number("another forgotten", repeats_times(&repeats, 7, NOON_S), 2);
    repeats_forget(&repeats, 7);
    want_number("forgotten", repeats_times(&repeats, 7, NOON_S), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("repeats");

    tcase_add_checked_fixture(tc, begin, NULL);
    ADD_ROWS(tc, of_so_many_count, rows);
    tcase_add_test(tc, each_day_begins_anew);
    tcase_add_test(tc, others_are_counted_apart);
    tcase_add_test(tc, a_newsletter_passes_by);
    tcase_add_test(tc, times_of_a_day);
    return run_suite("repeats", tc);
}
