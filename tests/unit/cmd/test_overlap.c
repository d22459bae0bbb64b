/* SPDX-License-Identifier: MIT */
#include "cmd/overlap.h"

#include "rows.h"

/* A letter is a line; a blank begins the next file. */
static const struct {
    const char *name, *files, *want;
} rows[] = {
    {"one file", "abcabc", "abcabc"},
    {"the same twice", "abcdef abcdef", "abcdef"},
    {"a copy that goes on", "abcd abcdef", "abcdef"},
    {"a tail that goes on", "abcdef cdefgh", "abcdefgh"},
    {"a part", "abcdefgh cdef", "abcdefgh"},
    {"a part of two lines", "abcdefgh cd", "abcdefgh"},
    {"four alike, scattered", "abcdefgh acegi", "abcdefghacegi"},
    {"three", "abcdef cdefgh efghij", "abcdefghij"},
    {"nothing in common", "abc def", "abcdef"},
    {"a first line that is cut", "abcdef xcdefg", "abcdefxg"},
    {"two alike", "aabcd aabcd", "aabcd"},
    {"one more alike", "abcd abcdd", "abcdd"},
    {"each has what the other lacks", "abcdxf abcdyf", "abcdxfy"},
    {"three alike by chance", "abcdef defghijk", "abcdefdefghijk"},
    {"none known among the first", "abcdefghi 12345678fghi", "abcdefghi12345678fghi"},
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
    struct overlap *overlap = overlap_new(1);
    char block[8];

    ck_assert_ptr_nonnull(overlap);
    got[0] = '\0';
    overlap_next_file(overlap, keep, NULL);
    for (const char *at = files; *at;) {
        size_t len = 0;
        if (*at == ' ') {
            overlap_next_file(overlap, keep, NULL);
            at++;
            continue;
        }
        while (len < size && *at && *at != ' ') {
            block[len++] = *at++;
            block[len++] = '\n';
        }
        overlap_filter(overlap, block, len, keep, NULL);
    }
    overlap_next_file(overlap, keep, NULL);
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
