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
            got = familiar_see(&familiar, 7, rows[_i].at_s[i]).is_old;
    want_number(rows[_i].name, got, rows[_i].familiar);
    want_number("another pair", familiar_see(&familiar, 8, 1000 + DAY).is_old, false);
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
        want_number("familiar", familiar_see(&familiar, i * FAMILIAR_SLOTS, 1010 + DAY).is_old,
                    i > 1);
    familiar_done(&familiar);
}
END_TEST

static const struct {
    const char *name;
    uint32_t before, today; /* how often on the day before, and on this one */
    bool usual;
} habits[] = {
    {"as often", 100, 100, true},         {"twice as often", 100, 200, true},
    {"more than twice", 100, 201, false}, {"never before", 0, 1, false},
    {"seldom before", 1, 3, false},
};

START_TEST(twice_the_busiest_day_is_usual)
{
    struct familiar familiar = {NULL};
    struct familiarity got = {false, false};

    for (uint32_t i = 0; i < habits[_i].before; i++)
        familiar_see(&familiar, 7, 10 * DAY + i);
    for (uint32_t i = 0; i < habits[_i].today; i++)
        got = familiar_see(&familiar, 7, 12 * DAY + i);
    want_number(habits[_i].name, got.is_usual, habits[_i].usual);
    want_number("a late line", familiar_see(&familiar, 7, 11 * DAY).is_usual && got.is_usual,
                habits[_i].usual);
    want_number("lately", familiar_lately(&familiar, 7, 13 * DAY - 1), habits[_i].today);
    want_number("a day later", familiar_lately(&familiar, 7, 14 * DAY), 0);
    want_number("before", familiar_before(&familiar, 7, 14 * DAY), true);
    want_number("before two months", familiar_before(&familiar, 7, 73 * DAY), false);
    want_number("before it was", familiar_before(&familiar, 7, 10 * DAY), false);
    want_number("another before", familiar_before(&familiar, 8, 12 * DAY), false);
    want_number("another", familiar_lately(&familiar, 8, 12 * DAY), 0);
    familiar_done(&familiar);
}
END_TEST

/* What is read again must not look like a habit. */
START_TEST(copy_has_no_counts)
{
    struct familiar from = {NULL}, to = {NULL};

    for (uint32_t i = 0; i < 100; i++)
        familiar_see(&from, 7, 10 * DAY + i);
    familiar_see(&from, 7, 11 * DAY);
    familiar_copy(&to, &from);
    struct familiarity got = familiar_see(&to, 7, 12 * DAY);
    want_number("old", got.is_old, true);
    want_number("usual", got.is_usual, false);
    familiar_done(&from);
    familiar_done(&to);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("familiar");

    ADD_ROWS(tc, long_known_is_familiar, rows);
    tcase_add_test(tc, full_set_drops_the_oldest);
    ADD_ROWS(tc, twice_the_busiest_day_is_usual, habits);
    tcase_add_test(tc, copy_has_no_counts);
    return run_suite("familiar", tc);
}
