/* SPDX-License-Identifier: MIT */
#include "report/timeline.h"

#include <string.h>

#include "rows.h"

enum { DAY_S = 86400, AT_S = 1795489200 }; /* 2026-11-24T03:00:00Z */

START_TEST(test_minutes)
{
    struct timeline t = {0};

    timeline_add(&t, AT_S + 59, 0, 3);
    timeline_add(&t, AT_S, 1, 2);
    timeline_add(&t, AT_S + 119 * 60, 0, 1);
    timeline_add(&t, AT_S + 60, 5, 0);
    want_number("width", timeline_width_s(&t), 60);
    want_number("first", t.first, AT_S / 60);
    want_number("count", t.count, 120);
    want_number("first bucket", t.n[0][0], 3);
    want_number("its other series", t.n[0][1], 2);
    want_number("last bucket", t.n[119][0], 1);
    want_number("sum", (int64_t)timeline_sum(&t, 0), 4);
}
END_TEST

/* The 121st minute makes buckets of five. */
START_TEST(test_widens)
{
    struct timeline t = {0};

    for (uint32_t i = 0; i <= 120; i++)
        timeline_add(&t, AT_S + i * 60, 2, 1);
    want_number("width", timeline_width_s(&t), 300);
    want_number("first", t.first, AT_S / 300);
    want_number("count", t.count, 25);
    want_number("first bucket", t.n[0][2], 5);
    want_number("last bucket", t.n[24][2], 1);
}
END_TEST

START_TEST(test_earlier)
{
    struct timeline t = {0};

    timeline_add(&t, AT_S, 0, 1);
    timeline_add(&t, AT_S - 119 * 60, 0, 2);
    want_number("count", t.count, 120);
    want_number("first bucket", t.n[0][0], 2);
    want_number("last bucket", t.n[119][0], 1);
    timeline_add(&t, AT_S - 120 * 60, 0, 4);
    want_number("width", timeline_width_s(&t), 300);
    want_number("sum", (int64_t)timeline_sum(&t, 0), 7);
}
END_TEST

START_TEST(test_ends_of_time)
{
    struct timeline t = {0};

    timeline_add(&t, 0, 0, UINT32_MAX);
    timeline_add(&t, 0, 0, 1);
    timeline_add(&t, UINT32_MAX, 0, 7);
    want_number("width", timeline_width_s(&t), 728 * (int64_t)DAY_S);
    want_number("stops at its bound", t.n[0][0], UINT32_MAX);
    want_number("last bucket", t.n[t.count - 1][0], 7);
}
END_TEST

/* In any order: all of it is there, each in its bucket, and no wider bucket than needed. */
START_TEST(test_any_order)
{
    static const uint32_t spans[] = {50, 7000, 90000, 3 * DAY_S, 40 * DAY_S, 3000u * DAY_S};
    uint32_t random = (uint32_t)_i + 1, span = spans[_i % COUNT(spans)], at[500];
    struct timeline t = {0};

    for (int i = 0; i < COUNT(at); i++) {
        random = random * 1664525 + 1013904223;
        at[i] = 100000000 + (random >> 8) % span;
        timeline_add(&t, at[i], i % 2, 1);
    }
    uint32_t width = timeline_width_s(&t), want[TIMELINE_BUCKETS][2] = {{0}};
    for (int i = 0; i < COUNT(at); i++) {
        uint32_t bucket = at[i] / width - t.first;
        ck_assert_msg(at[i] / width >= t.first && bucket < t.count, "outside");
        want[bucket][i % 2]++;
    }
    for (uint32_t i = 0; i < t.count; i++)
        for (int s = 0; s < 2; s++)
            want_number("bucket", t.n[i][s], want[i][s]);
    ck_assert(t.count <= TIMELINE_BUCKETS);
    ck_assert_msg(width == 60 || t.count > TIMELINE_BUCKETS / 10, "%u of %u s", t.count, width);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("timeline");

    tcase_add_test(tc, test_minutes);
    tcase_add_test(tc, test_widens);
    tcase_add_test(tc, test_earlier);
    tcase_add_test(tc, test_ends_of_time);
    tcase_add_loop_test(tc, test_any_order, 0, 60);
    return run_suite("timeline", tc);
}
