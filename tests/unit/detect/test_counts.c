/* SPDX-License-Identifier: MIT */
#include "detect/counts.h"
#include "rows.h"

enum { NOW = 1000 };

static const struct bucket last = {300, NOW};

static void add(struct counts *counts, int measure, uint32_t n)
{
    struct count *count = counts_make(counts, measure);

    window_add(&count->now, last, n);
    window_add(&count->day, last, n);
    count->run += n;
}

START_TEST(main_measure_needs_no_memory)
{
    struct counts counts = {0};

    add(&counts, MEASURE_MAIN, 3);
    ck_assert_ptr_null(counts.rest);
    want_number("now", counts_sum(&counts, MEASURE_MAIN, last, false), 3);
    want_number("day", counts_sum(&counts, MEASURE_MAIN, last, true), 3);
    for (int i = 1; i < MEASURES; i++) {
        want_number("never counted", counts_sum(&counts, i, last, false), 0);
        want_number("never counted, in a day", counts_sum(&counts, i, last, true), 0);
        want_number("never counted, in all", (int64_t)counts_of(&counts, i)->run, 0);
    }
    counts_done(&counts);
}
END_TEST

START_TEST(each_measure_is_its_own)
{
    struct counts counts = {0};

    for (int i = 0; i < MEASURES; i++)
        add(&counts, i, (uint32_t)i + 1);
    for (int i = 0; i < MEASURES; i++)
        want_number("now", counts_sum(&counts, i, last, false), i + 1);
    counts_begin_run(&counts);
    for (int i = 0; i < MEASURES; i++) {
        want_number("a new run", (int64_t)counts_of(&counts, i)->run, 0);
        want_number("its windows", counts_sum(&counts, i, last, true), i + 1);
    }
    counts_done(&counts);
    want_number("done", counts_sum(&counts, MEASURE_MAIN, last, false), 0);
}
END_TEST

START_TEST(days_and_runs_are_taken_over)
{
    struct counts from = {0}, to = {0};

    add(&from, MEASURE_MAIN, 2);
    add(&from, MEASURE_REFUSED, 5);
    counts_copy_days(&to, &from);
    counts_add_runs(&to, &from);
    counts_add_runs(&to, &from);
    const int measures[] = {MEASURE_MAIN, MEASURE_REFUSED}, want[] = {2, 5};
    for (int i = 0; i < 2; i++) {
        want_number("day", counts_sum(&to, measures[i], last, true), want[i]);
        want_number("now", counts_sum(&to, measures[i], last, false), 0);
        want_number("runs", (int64_t)counts_of(&to, measures[i])->run, 2 * want[i]);
    }
    counts_done(&from);
    counts_done(&to);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("counts");

    tcase_add_test(tc, main_measure_needs_no_memory);
    tcase_add_test(tc, each_measure_is_its_own);
    tcase_add_test(tc, days_and_runs_are_taken_over);
    return run_suite("counts", tc);
}
