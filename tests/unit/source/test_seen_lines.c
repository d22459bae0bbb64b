/* SPDX-License-Identifier: MIT */
#include "source/seen_lines.h"

#include <stdio.h>
#include <string.h>

#include "rows.h"

/* A letter is a line of the log that the digit before it names. */
static const struct {
    const char *name;
    int max;
    const char *lines, *want;
} rows[] = {
    {"one log", 64, "1abcabc", "abcabc"},
    {"a copy", 64, "1abc2abc", "abc"},
    {"line by line", 64, "1a2a1b2b1c2c", "abc"},
    {"the copy first", 64, "2a1a1b2b", "ab"},
    {"a copy that goes on", 64, "1abc2abcd", "abcd"},
    {"a part", 64, "1abcdef2cd", "abcdef"},
    {"each has what the other lacks", 64, "1abxc2abyc", "abxcy"},
    {"a log that says the same twice, and its copy", 64, "1aab2aab", "aab"},
    {"line by line too", 64, "1a2a1a2a", "aa"},
    {"the copy ahead", 64, "1a2aa1a", "aa"},
    {"one more alike", 64, "1ab2abb", "abb"},
    {"one more alike in the first, later", 64, "1ab2ab1b2b", "abb"},
    {"three, one with more", 64, "1a2a3aa2a1a", "aa"},
    {"three", 64, "1ab2ab3ab", "ab"},
    {"the last lines", 4, "1abcd2d", "abcd"},
    {"at the bound", 4, "1abcd2c", "abcd"},
    {"beyond it", 4, "1abcde2a", "abcdea"},
    {"one that comes again is no older than when it came last", 8, "1abcd2a1efg3a", "abcdefg"},
};

static char got[64];

static void keep(void *ctx, const char *data, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        if (data[i] != '\n' && data[i] != '\r')
            strncat(got, data + i, 1);
}

START_TEST(lines_of_several_logs_count_once)
{
    struct seen_lines *seen = seen_lines_new(1, (size_t)rows[_i].max);
    char block[64];
    size_t len = 0;
    uint32_t log = 0;

    ck_assert_ptr_nonnull(seen);
    got[0] = '\0';
    for (const char *at = rows[_i].lines;; at++) {
        if (*at >= 'a') {
            block[len++] = *at;
            if (log == 2) /* one copy has another line's end */
                block[len++] = '\r';
            block[len++] = '\n';
            continue;
        }
        seen_lines_filter(seen, log, block, len, keep, NULL);
        len = 0;
        log = (uint32_t)(*at - '0');
        if (!*at)
            break;
    }
    want_text(rows[_i].name, got, rows[_i].want);
    seen_lines_free(seen);
}
END_TEST

/* What was read before a restart. */
START_TEST(remembered_lines_are_not_given)
{
    struct seen_lines *seen = seen_lines_new(1, 64);

    got[0] = '\0';
    seen_lines_filter(seen, 1, "a\nb\n", 4, NULL, NULL);
    seen_lines_filter(seen, 2, "b\nc\nd", 5, keep, NULL);
    want_text("what only the second has", got, "cd");
    ck_assert_uint_eq(seen_lines_left_out(seen), 1);
    ck_assert_uint_eq(seen_lines_owner(seen), 1);
    ck_assert_uint_eq(seen_lines_left_out(NULL), 0);
    seen_lines_free(seen);
    seen_lines_free(NULL);
}
END_TEST

/* The tables grow, and nothing is lost by it. */
START_TEST(many_lines)
{
    struct seen_lines *seen = seen_lines_new(7, 80000);
    char line[16];

    for (uint32_t log = 1; log <= 2; log++)
        for (int i = 0; i < 20000; i++) {
            int len = snprintf(line, sizeof(line), "%d\n", i);
            seen_lines_filter(seen, log, line, (size_t)len, keep, NULL);
            got[0] = '\0';
        }
    ck_assert_uint_eq(seen_lines_left_out(seen), 20000);
    seen_lines_free(seen);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("seen_lines");

    ADD_ROWS(tc, lines_of_several_logs_count_once, rows);
    tcase_add_test(tc, remembered_lines_are_not_given);
    tcase_add_test(tc, many_lines);
    return run_suite("seen_lines", tc);
}
