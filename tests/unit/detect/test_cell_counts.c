/* SPDX-License-Identifier: MIT */
#include "detect/cell_counts.h"

#include <string.h>

#include "rows.h"

/* Buckets of 300 s: the evidence, of 1000 s, is in number 3, and a window has twelve. */
static const struct {
    const char *name;
    int measure;
    bool maybe_ours;
    struct bucket last;
    uint64_t run;
    uint32_t sum;
} rows[] = {
    {"in its own bucket", MEASURE_MAIN, false, {300, 3}, 1, 1},
    {"eleven later", MEASURE_MAIN, false, {300, 14}, 1, 1},
    {"twelve later", MEASURE_MAIN, false, {300, 15}, 1, 0},
    {"seen from before", MEASURE_MAIN, false, {300, 1}, 1, 1},
    {"in a day", MEASURE_MAIN, false, {7200, 11}, 1, 1},
    {"a foreign sender", MEASURE_FOREIGN, false, {300, 3}, 1, 1},
    {"one in a day", MEASURE_FOREIGN, false, {7200, 0}, 1, 1},
    {"one that may be ours", MEASURE_FOREIGN, true, {300, 3}, 1, 1},
    {"that one in a day", MEASURE_FOREIGN, true, {7200, 0}, 1, 0},
    {"a sender that was seen", MEASURE_UNSEEN, false, {300, 3}, 0, 0},
    {"what only logins have", MEASURE_REFUSED, false, {300, 3}, 0, 0},
};

static bool keep_in_windows(struct cell_rest *rest, uint32_t at_s, bool maybe_ours)
{
    static const enum measure measures[] = {MEASURE_MAIN, MEASURE_FOREIGN};

    for (int i = 0; i < 2; i++) {
        struct count *count = counts_make(&rest->counts, measures[i]);
        if (!count)
            return false;
        count->run = 1;
        window_add(&count->now, (struct bucket){300, at_s / 300}, 1);
        window_add(&count->day, (struct bucket){7200, at_s / 7200}, !(maybe_ours && i));
    }
    return true;
}

/* Kept as it came, evidence counts as it does in windows. */
START_TEST(once_counts_as_in_windows)
{
    struct once once = {.foreign_sender = true, .maybe_ours = rows[_i].maybe_ours};
    struct cell_rest rest;
    struct cell as_it_came = {.once = &once, .totals = {.first_s = 1000}};
    struct cell in_windows = {.rest = &rest, .totals = {.first_s = 1000}};
    bool in_a_day = rows[_i].last.length == 7200;

    memset(&rest, 0, sizeof(rest));
    ck_assert(keep_in_windows(&rest, 1000, rows[_i].maybe_ours));
    want_number(rows[_i].name, cell_run(&as_it_came, rows[_i].measure), rows[_i].run);
    want_number(rows[_i].name, cell_run(&in_windows, rows[_i].measure), rows[_i].run);
    want_number(rows[_i].name, cell_sum(&as_it_came, rows[_i].measure, rows[_i].last, in_a_day),
                rows[_i].sum);
    want_number(rows[_i].name, cell_sum(&in_windows, rows[_i].measure, rows[_i].last, in_a_day),
                rows[_i].sum);
    counts_done(&rest.counts);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cell_counts");

    ADD_ROWS(tc, once_counts_as_in_windows, rows);
    return run_suite("cell_counts", tc);
}
