/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "source/line_time.h"

#define REFERENCE  ((wall_us)1796000000 * US_PER_S) /* November 2026 */
#define AT(s)      "2026-11-24T04:00:0" #s "+00:00 mx1 postfix/smtpd[1]: connect from unknown\n"
#define LATER(day) "2026-11-" day "T04:00:00+00:00 mx1 postfix/smtpd[1]: connect from unknown\n"
#define T0         ((wall_us)1795492800 * US_PER_S)

/* A block, a time in seconds from T0, and how many of the block's lines come before a later one. */
static const struct {
    const char *name, *text;
    int until_s, lines;
} rows[] = {
    {"nothing", "", 9, 0},
    {"all", AT(1) AT(2) AT(3), 3, 3},
    {"up to a line of the same second", AT(1) AT(2) AT(3), 2, 2},
    {"none", AT(1) AT(2), 0, 0},
    {"one of one", AT(1), 1, 1},
    {"none of one", AT(1), 0, 0},
    {"no line has a time", "a\nb\n", 0, 2},
    {"what has no time goes with the line before", AT(1) "a\nb\n" AT(3) "c\n", 1, 3},
    {"and before the first", "a\n" AT(2), 1, 1},
    {"an earlier line behind a later one waits with it", AT(1) AT(5) AT(2) AT(5), 3, 1},
    {"one of a later day is no bar to the next", AT(1) LATER("26") AT(2) AT(5), 3, 3},
    {"two of a later day are", AT(1) LATER("26") LATER("26") AT(2) AT(5), 3, 1},
    {"a short block is searched although it ends early enough", AT(1) AT(5) AT(2), 3, 1},
};

START_TEST(until)
{
    const char *text = rows[_i].text;
    struct syslog_clock clock = {0};
    line_time_reference(&clock, REFERENCE);
    wall_us next = LINE_TIME_NEVER, limit = T0 + rows[_i].until_s * US_PER_S;
    size_t n = line_time_until(&clock, text, strlen(text), limit, &next);
    int lines = 0;

    if (n < strlen(text)) {
        ck_assert_int_gt(next, limit);
        /* Held back, it is found the same again. */
        ck_assert_int_eq(next, line_time(&clock, text + n, strlen(text) - n));
        ck_assert_uint_eq(line_time_until(&clock, text + n, strlen(text) - n, limit, &next), 0);
    }

    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    ck_assert_msg(lines == rows[_i].lines, "%s: got %d, want %d", rows[_i].name, lines,
                  rows[_i].lines);
    ck_assert_msg(n == 0 || text[n - 1] == '\n', "%s: whole lines", rows[_i].name);
}
END_TEST

static wall_us first_of(const char *text)
{
    struct syslog_clock clock = {0};

    line_time_reference(&clock, REFERENCE);
    return line_time(&clock, text, strlen(text));
}

START_TEST(of_a_block)
{
    ck_assert_int_eq(first_of(AT(7) AT(8)), T0 + 7 * US_PER_S);
    ck_assert_int_eq(first_of("a\n" AT(8)), T0 + 8 * US_PER_S);
    ck_assert_int_eq(first_of("a\n"), LINE_TIME_FIRST);
    ck_assert_int_eq(first_of("Nov 24 04:00:07 mx1 postfix/smtpd[1]: x\n"), T0 + 7 * US_PER_S);
    /* Alone in a later day it goes with the line after it; with another it does not. */
    ck_assert_int_eq(first_of(LATER("26") AT(8)), T0 + 8 * US_PER_S);
    ck_assert_int_eq(first_of(LATER("26") "a\n" AT(8)), T0 + 8 * US_PER_S);
    ck_assert_int_eq(first_of(LATER("25") AT(8)), T0 + 86400 * US_PER_S);
    ck_assert_int_eq(first_of(LATER("26") LATER("27") AT(8)), T0 + 2 * 86400 * US_PER_S);
    ck_assert_int_eq(first_of(LATER("26")), T0 + 2 * 86400 * US_PER_S);
}
END_TEST

/* Another year's log: nothing of the last date is kept. */
START_TEST(of_another_reference)
{
    static const char line[] = "Nov 24 04:00:07 mx1 postfix/smtpd[1]: x\n";
    struct syslog_clock clock = {0};

    line_time_reference(&clock, REFERENCE);
    ck_assert_int_eq(line_time(&clock, line, sizeof(line) - 1), T0 + 7 * US_PER_S);
    line_time_reference(&clock, REFERENCE - 365 * 86400 * US_PER_S);
    ck_assert_int_eq(line_time(&clock, line, sizeof(line) - 1),
                     T0 + 7 * US_PER_S - 365 * 86400 * US_PER_S);
    wall_us next;
    ck_assert_uint_eq(line_time_until(&clock, line, sizeof(line) - 1, LINE_TIME_NEVER, &next),
                      sizeof(line) - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("line_time");
    TCase *tc = tcase_create("line_time");
    SRunner *runner;

    setenv("TZ", "UTC", 1);
    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, until, 0, sizeof(rows) / sizeof(*rows));
    tcase_add_test(tc, of_a_block);
    tcase_add_test(tc, of_another_reference);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
