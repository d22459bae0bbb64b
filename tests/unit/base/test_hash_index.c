/* SPDX-License-Identifier: MIT */
#include "base/hash_index.h"

#include <stdio.h>

#include "base/hash.h"
#include "rows.h"

static bool has(const struct hash_index *index, uint32_t hash, uint32_t number)
{
    uint32_t found, at = hash;

    while ((found = hash_index_next(index, hash, &at)) != 0)
        if (found == number)
            return true;
    return false;
}

START_TEST(numbers_under_one_hash_come_one_after_the_other)
{
    struct hash_index index;
    uint32_t at = 7;

    ck_assert(hash_index_init(&index, 8));
    hash_index_add(&index, 7, 1);
    hash_index_add(&index, 15, 2); /* the same slot, another hash */
    hash_index_add(&index, 7, 3);
    want_number("first", hash_index_next(&index, 7, &at), 1);
    want_number("second", hash_index_next(&index, 7, &at), 3);
    want_number("end", hash_index_next(&index, 7, &at), 0);
    ck_assert(!has(&index, 23, 1));
    hash_index_done(&index);
}
END_TEST

START_TEST(grows_before_it_is_more_than_half_full)
{
    struct hash_index index;

    ck_assert(hash_index_init(&index, 4));
    for (uint32_t n = 1; n <= 1000; n++) {
        ck_assert(hash_index_reserve(&index));
        hash_index_add(&index, (uint32_t)hash_mix(n, HASH_ODD_1), n);
        ck_assert_msg(index.used <= index.size / 2, "%u: got %u slots", n, index.size);
    }
    for (uint32_t n = 1; n <= 1000; n++)
        ck_assert_msg(has(&index, (uint32_t)hash_mix(n, HASH_ODD_1), n), "%u: got lost", n);
    hash_index_done(&index);
}
END_TEST

/* Three hashes that share a home, and a chain that goes round the end. */
START_TEST(what_is_left_is_found_after_any_removal)
{
    static const uint32_t hashes[] = {6, 14, 7, 22, 0, 6};
    enum { COUNT = sizeof(hashes) / sizeof(*hashes) };

    for (uint32_t gone = 1; gone <= COUNT; gone++) {
        struct hash_index index;
        ck_assert(hash_index_init(&index, 8));
        for (uint32_t n = 1; n <= COUNT; n++)
            hash_index_add(&index, hashes[n - 1], n);
        ck_assert(hash_index_remove(&index, hashes[gone - 1], gone));
        ck_assert(!hash_index_remove(&index, hashes[gone - 1], gone));
        for (uint32_t n = 1; n <= COUNT; n++)
            ck_assert_msg(has(&index, hashes[n - 1], n) == (n != gone), "%u without %u", n, gone);
        ck_assert(hash_index_resize(&index, 16));
        for (uint32_t n = 1; n <= COUNT; n++)
            ck_assert_msg(has(&index, hashes[n - 1], n) == (n != gone), "%u, resized", n);
        hash_index_done(&index);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hash_index");

    tcase_add_test(tc, numbers_under_one_hash_come_one_after_the_other);
    tcase_add_test(tc, grows_before_it_is_more_than_half_full);
    tcase_add_test(tc, what_is_left_is_found_after_any_removal);
    return run_suite("hash_index", tc);
}
