/* SPDX-License-Identifier: MIT */
#include "detect/key_counts.h"
#include "rows.h"

static struct detector d;

static void set_up(void)
{
    d = (struct detector){.cell_max = 1000};
    ck_assert(key_counts_init(&d));
}

static void tear_down(void)
{
    free(d.level);
}

START_TEST(a_key_keeps_its_count)
{
    for (uint64_t key = 1; key <= 1500; key++)
        key_counts_get(&d, key * 0x9e3779b97f4a7c15, 1000)->last_s = 1000;
    for (uint64_t key = 1; key <= 1500; key++)
        want_number("last_s", key_counts_get(&d, key * 0x9e3779b97f4a7c15, 1000)->last_s, 1000);
    want_number("used", d.level_used, 1500);
}
END_TEST

/* Twice as many as cells: what is refused is counted. */
START_TEST(beyond_the_bound_a_key_is_refused)
{
    uint64_t key = 1;

    for (struct key_count *count; key < 100000; key++) {
        count = key_counts_get(&d, key, 1000);
        if (!count)
            break;
        count->last_s = 1000;
    }
    ck_assert_msg(key > 2000 && key < 100000, "refused at %llu", (unsigned long long)key);
    want_number("refused", (int64_t)d.counters.keys_refused, 1);
    want_number("known", key_counts_get(&d, 1, 1000)->last_s, 1000);
}
END_TEST

/* A day later the old ones make room. */
START_TEST(what_is_stale_makes_room)
{
    for (uint64_t key = 1; key <= 2000; key++)
        key_counts_get(&d, key, 1000)->last_s = 1000;
    for (uint64_t key = 10001; key <= 12000; key++)
        key_counts_get(&d, key, 1000 + 86400)->last_s = 1000 + 86400;
    want_number("refused", (int64_t)d.counters.keys_refused, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("key_counts");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_key_keeps_its_count);
    tcase_add_test(tc, beyond_the_bound_a_key_is_refused);
    tcase_add_test(tc, what_is_stale_makes_room);
    return run_suite("key_counts", tc);
}
