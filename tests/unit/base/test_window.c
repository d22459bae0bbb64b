/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "base/window.h"

enum { NOW = 1000 };

static struct bucket at(uint32_t number)
{
    return (struct bucket){300, number};
}

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
            *ret_all &= window_add(&w, at((uint32_t)(NOW - rows[row].add[i])), 1u << i);
    return w;
}

START_TEST(sums_the_last_twelve_buckets)
{
    bool all;
    struct window w = fill(_i, &all);

    want_number(rows[_i].name, window_sum(&w, at(NOW)), rows[_i].sum);
}
END_TEST

START_TEST(merging_into_nothing_is_a_copy)
{
    bool all;
    struct window w = fill(_i, &all), copy = {0};

    window_merge(&copy, &w, at(NOW));
    want_number(rows[_i].name, window_sum(&copy, at(NOW)), rows[_i].sum);
    want_number(rows[_i].name, window_sum(&copy, at(NOW + 5)), window_sum(&w, at(NOW + 5)));
}
END_TEST

START_TEST(merging_adds_and_drops_what_is_over)
{
    struct window a = {0}, b = {0};

    window_add(&a, at(NOW), 1);
    window_add(&a, at(NOW - 3), 2);
    window_add(&b, at(NOW), 4);
    window_add(&b, at(NOW - 12), 8); /* the same slot as NOW, but older than what a has there */
    window_add(&b, at(NOW - 3), 16);
    window_merge(&a, &b, at(NOW));
    want_number("sum", window_sum(&a, at(NOW)), 1 + 2 + 4 + 16);
}
END_TEST

START_TEST(too_old_is_said_and_not_counted)
{
    struct window w = {0};

    want_number("now", window_add(&w, at(NOW), 1), true);
    want_number("twelve before", window_add(&w, at(NOW - 12), 1), false);
    want_number("eleven before", window_add(&w, at(NOW - 11), 1), true);
    want_number("sum", window_sum(&w, at(NOW)), 2);
}
END_TEST

START_TEST(time_alone_empties_it)
{
    struct window w = {0};

    window_add(&w, at(NOW), 7);
    want_number("after eleven", window_sum(&w, at(NOW + 11)), 7);
    want_number("after twelve", window_sum(&w, at(NOW + 12)), 0);
}
END_TEST

/* Twelve buckets of 300 s with 10, 11, ... 21 in them; the last one ends at 303600. The window is
 * then looked at, and counted on, in buckets of another length. */
static const struct {
    uint32_t length, now_s, sum;
} lengths[] = {
    {300, 303599, 186},   {600, 303599, 186}, {7200, 303599, 186},
    {86400, 303599, 186}, {150, 303599, 111}, /* 30 minutes: 16 to 21 */
    {100, 303599, 78},                        /* 20 minutes: 18 to 21 */
    {5, 303599, 5},                           /* a minute: a fifth of 21 */
    {1, 303599, 1},       {150, 303449, 119}, /* at the half of the last bucket: half of 15, and 16 to 21 */
};

START_TEST(buckets_of_another_length)
{
    uint32_t length = lengths[_i].length;
    struct bucket now = {length, lengths[_i].now_s / length};
    struct window w = {0};

    for (uint32_t i = 0; i < WINDOW_BUCKETS; i++)
        window_add(&w, at(NOW + i), 10 + i);
    want_number("sum", window_sum(&w, now), lengths[_i].sum);
    ck_assert(window_add(&w, now, 1));
    want_number("one more", window_sum(&w, now), lengths[_i].sum + 1);
    want_number("length", w.length, length);
}
END_TEST

START_TEST(lengths_can_meet)
{
    struct window hour = {0}, day = {0};

    window_add(&hour, at(NOW), 5);
    window_add(&day, (struct bucket){7200, NOW / 24}, 7);
    window_merge(&hour, &day, at(NOW));
    want_number("an hour: the later part of 7", window_sum(&hour, at(NOW)), 10);
    window_merge(&day, &hour, (struct bucket){7200, NOW / 24});
    want_number("a day", window_sum(&day, (struct bucket){7200, NOW / 24}), 17);
}
END_TEST

START_TEST(bucket_has_its_seconds)
{
    static const struct {
        uint32_t at_s;
        bool has;
    } times[] = {{0, false},     {299999, false}, {300000, true},
                 {300299, true}, {300300, false}, {UINT32_MAX, false}};

    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        want_number("in it", bucket_has(at(NOW), times[i].at_s), times[i].has);
        want_number("by division", times[i].at_s / 300 == NOW, times[i].has);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("window");

    ADD_ROWS(tc, sums_the_last_twelve_buckets, rows);
    ADD_ROWS(tc, merging_into_nothing_is_a_copy, rows);
    tcase_add_test(tc, merging_adds_and_drops_what_is_over);
    tcase_add_test(tc, too_old_is_said_and_not_counted);
    ADD_ROWS(tc, buckets_of_another_length, lengths);
    tcase_add_test(tc, lengths_can_meet);
    tcase_add_test(tc, time_alone_empties_it);
    tcase_add_test(tc, bucket_has_its_seconds);
    return run_suite("window", tc);
}
