/* SPDX-License-Identifier: MIT */
#include "judge/familiar.h"

#include "rows.h"

enum { DAY = 86400 };

static const struct {
    const char *name;
    uint32_t at_s[3]; /* 0: not seen; the last one is asked about */
    bool familiar;
} rows[] = {
    {"never before", {0, 0, 1000}, false},
    {"a day less a second ago", {0, 1000, 1000 + DAY - 1}, false},
    {"a day ago", {0, 1000, 1000 + DAY}, true},
    {"a day ago, and since", {1000, 1000 + DAY, 1000 + DAY + 5}, true},
    {"60 days ago", {0, 1000, 1000 + 60 * DAY}, true},
    {"longer ago than 60 days", {0, 1000, 1001 + 60 * DAY}, false},
    {"a late line", {0, 1000 + DAY, 1000}, false},
};

START_TEST(long_known_is_familiar)
{
    struct familiar familiar = {NULL};
    bool got = false;

    for (int i = 0; i < 3; i++)
        if (rows[_i].at_s[i])
            got = familiar_see(&familiar, 7, rows[_i].at_s[i]);
    want_number(rows[_i].name, got, rows[_i].familiar);
    want_number("another pair", familiar_see(&familiar, 8, 1000 + DAY), false);
    familiar_done(&familiar);
}
END_TEST

/* Five pairs of one set: the one that was silent longest is forgotten. */
START_TEST(full_set_drops_the_oldest)
{
    struct familiar familiar = {NULL};

    for (uint32_t i = 1; i <= 5; i++)
        familiar_see(&familiar, i * FAMILIAR_SLOTS, 1000 + i);
    for (uint32_t i = 5; i >= 1; i--)
        want_number("familiar", familiar_see(&familiar, i * FAMILIAR_SLOTS, 1010 + DAY), i > 1);
    familiar_done(&familiar);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("familiar");

    ADD_ROWS(tc, long_known_is_familiar, rows);
    tcase_add_test(tc, full_set_drops_the_oldest);
    return run_suite("familiar", tc);
}
