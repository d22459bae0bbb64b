/* SPDX-License-Identifier: MIT */
#include "site/address_set.h"

#include "base/hash.h"
#include "rows.h"

static uint64_t hash_of(uint32_t n)
{
    return hash_mix(n + 1, HASH_ODD_1);
}

static void add(struct address_set *set, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        address_set_add(set, hash_of(i));
}

static uint32_t count(const struct address_set *set, uint32_t from, uint32_t to)
{
    uint32_t n = 0;

    for (uint32_t i = from; i < to; i++)
        n += address_set_has(set, hash_of(i));
    return n;
}

START_TEST(what_was_added_is_there)
{
    struct address_set set = {.max = 1000};

    want_number("empty", count(&set, 0, 1000), 0);
    add(&set, 0, 1000);
    add(&set, 0, 1000);
    want_number("added", count(&set, 0, 1000), 1000);
    want_number("others", count(&set, 1000, 2000), 0);
    want_number("once", set.table[0].count, 1000);
    ck_assert(!set.incomplete);
    address_set_done(&set);
}
END_TEST

START_TEST(at_the_bound_the_oldest_go)
{
    struct address_set set = {.max = 100};

    add(&set, 0, 101);
    ck_assert(set.incomplete);
    want_number("the ones before stay for now", count(&set, 0, 101), 101);
    add(&set, 50, 200);
    want_number("used again", count(&set, 50, 150), 100);
    add(&set, 150, 201);
    want_number("used before, and not since", count(&set, 0, 50), 0);
    ck_assert_uint_le(set.table[0].count, 100);
    ck_assert_uint_le(set.table[1].count, 100);
    address_set_done(&set);
}
END_TEST

struct from {
    const struct address_table *table;
    uint32_t at;
};

static uint64_t next(void *ctx)
{
    struct from *from = ctx;

    return address_table_next(from->table, &from->at);
}

START_TEST(a_copy_has_the_same_places)
{
    struct address_set set = {.max = 10000};

    for (uint32_t n = 0; n < 3000; n = n * 3 / 2 + 1) {
        struct address_table copy = {0};
        add(&set, 0, n);
        struct from from = {&set.table[0], 0};
        address_table_fill(&copy, set.table[0].count, next, &from);
        want_number("size", copy.size >= set.table[0].size || !n, 1);
        want_number("count", copy.count, set.table[0].count);
        for (uint32_t i = 0; i < copy.size; i++)
            ck_assert_uint_eq(copy.slot[i], set.table[0].slot[i]);
        free(copy.slot);
    }
    address_set_done(&set);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("address_set");

    tcase_add_test(tc, what_was_added_is_there);
    tcase_add_test(tc, at_the_bound_the_oldest_go);
    tcase_add_test(tc, a_copy_has_the_same_places);
    return run_suite("address_set", tc);
}
