/* SPDX-License-Identifier: MIT */
#include "cmd/overlap.h"

#include "rows.h"

/* A letter is a line; a blank begins the next file. */
static const struct {
    const char *name, *files, *want;
} rows[] = {
    {"one file", "abcabc", "abcabc"},
    {"the same twice", "abcd abcd", "abcd"},
    {"a copy that goes on", "abcd abcdef", "abcdef"},
    {"a tail that goes on", "abcd cdef", "abcdef"},
    {"a part", "abcdefgh cdf", "abcdefgh"},
    {"the whole after a part", "bd abcd", "bdac"},
    {"three", "abc bcd cde", "abcde"},
    {"nothing in common", "abc def", "abcdef"},
    {"a first line that is cut", "abcd xcdef", "abcdxef"},
    {"two alike", "aab aab", "aab"},
    {"one more alike", "aab aaab", "aaba"},
    {"each has what the other lacks", "abde acde", "abdec"},
    {"none known among the first", "abcdefghi 12345678i", "abcdefghi12345678i"},
    {"an empty file", "abc  abc", "abc"},
};

static char got[64];

static void keep(void *ctx, const char *data, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        if (data[i] != '\n')
            strncat(got, data + i, 1);
}

/* size: bytes handed over at once. */
static void filter(const char *files, size_t size)
{
    struct overlap *overlap = overlap_new();
    char block[8];

    ck_assert_ptr_nonnull(overlap);
    got[0] = '\0';
    overlap_next_file(overlap);
    for (const char *at = files; *at;) {
        size_t len = 0;
        if (*at == ' ') {
            overlap_next_file(overlap);
            at++;
            continue;
        }
        while (len < size && *at && *at != ' ') {
            block[len++] = *at++;
            block[len++] = '\n';
        }
        overlap_filter(overlap, block, len, keep, NULL);
    }
    overlap_free(overlap);
}

START_TEST(lines_of_two_files_are_kept_once)
{
    for (size_t size = 2; size <= 8; size += 2) {
        filter(rows[_i].files, size);
        want_text(rows[_i].name, got, rows[_i].want);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("overlap");

    ADD_ROWS(tc, lines_of_two_files_are_kept_once, rows);
    return run_suite("overlap", tc);
}
