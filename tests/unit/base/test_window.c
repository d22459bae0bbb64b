/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "base/window.h"

enum { NOW = 1000 };

static const struct {
    const char *name;
    int add
        [4]; /* how many buckets before now 1, 2, 4 and 8 are added, in that order; -99: not at all */
    int sum;
} rows[] = {
    {"nothing", {-99, -99, -99, -99}, 0},
    {"now", {0, -99, -99, -99}, 1},
    {"all in one bucket", {0, 0, 0, 0}, 15},
    {"eleven before is the last that counts", {11, 10, 0, -99}, 7},
    {"twelve before is over", {12, 11, -99, -99}, 2},
    {"a late one counts in its own bucket", {0, 5, -99, -99}, 3},
    {"late and over: its place is taken", {0, 12, 24, 1}, 9},
    {"long before", {500, 400, 300, 200}, 0},
    {"a bucket that is used again", {12, 0, -99, -99}, 2},
    {"in any order", {3, 1, 2, 0}, 15},
};

static struct window fill(int row, bool *ret_all)
{
    struct window w = {0};

    *ret_all = true;
    for (int i = 0; i < 4; i++)
        if (rows[row].add[i] != -99)
            *ret_all &= window_add(&w, (uint32_t)(NOW - rows[row].add[i]), 1u << i);
    return w;
}

START_TEST(sums_the_last_twelve_buckets)
{
    bool all;
    struct window w = fill(_i, &all);

    want_number(rows[_i].name, window_sum(&w, NOW), rows[_i].sum);
}
END_TEST

START_TEST(merging_into_nothing_is_a_copy)
{
    bool all;
    struct window w = fill(_i, &all), copy = {0};

    window_merge(&copy, &w);
    want_number(rows[_i].name, window_sum(&copy, NOW), rows[_i].sum);
    want_number(rows[_i].name, window_sum(&copy, NOW + 5), window_sum(&w, NOW + 5));
}
END_TEST

START_TEST(merging_adds_and_drops_what_is_over)
{
    struct window a = {0}, b = {0};

    window_add(&a, NOW, 1);
    window_add(&a, NOW - 3, 2);
    window_add(&b, NOW, 4);
    window_add(&b, NOW - 12, 8); /* the same slot as NOW, but older than what a has there */
    window_add(&b, NOW - 3, 16);
    window_merge(&a, &b);
    want_number("sum", window_sum(&a, NOW), 1 + 2 + 4 + 16);
}
END_TEST

START_TEST(too_old_is_said_and_not_counted)
{
    struct window w = {0};

    want_number("now", window_add(&w, NOW, 1), true);
    want_number("twelve before", window_add(&w, NOW - 12, 1), false);
    want_number("eleven before", window_add(&w, NOW - 11, 1), true);
    want_number("sum", window_sum(&w, NOW), 2);
}
END_TEST

START_TEST(time_alone_empties_it)
{
    struct window w = {0};

    window_add(&w, NOW, 7);
    want_number("after eleven", window_sum(&w, NOW + 11), 7);
    want_number("after twelve", window_sum(&w, NOW + 12), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("window");

    ADD_ROWS(tc, sums_the_last_twelve_buckets, rows);
    ADD_ROWS(tc, merging_into_nothing_is_a_copy, rows);
    tcase_add_test(tc, merging_adds_and_drops_what_is_over);
    tcase_add_test(tc, too_old_is_said_and_not_counted);
    tcase_add_test(tc, time_alone_empties_it);
    return run_suite("window", tc);
}
