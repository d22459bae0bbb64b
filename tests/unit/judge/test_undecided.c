/* SPDX-License-Identifier: MIT */
#include "judge/undecided.h"

#include "base/hash.h"
#include "rows.h"

static struct message_ref ref(uint32_t slot)
{
    return (struct message_ref){slot, slot + 100};
}

/* Whatever is added and removed, each entry that is left is found, and no other. */
START_TEST(what_is_left_is_found)
{
    enum { SLOTS = 500, TURNS = 20000 };
    static bool there[SLOTS + 1];
    struct undecided table = {0};
    uint64_t random = 1;
    uint32_t count = 0;

    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t slot = (uint32_t)((random = hash_mix(random, HASH_ODD_1)) % SLOTS) + 1;
        struct undecided_entry entry = {.of = ref(slot), .left = slot};
        if (there[slot])
            undecided_remove(&table, undecided_find(&table, ref(slot)));
        else
            ck_assert(undecided_add(&table, &entry));
        there[slot] = !there[slot];
        count += there[slot] ? 1 : UINT32_MAX;
        ck_assert_uint_eq(table.count, count);
        slot = (uint32_t)(random >> 32) % SLOTS + 1;
        struct undecided_entry *found = undecided_find(&table, ref(slot));
        ck_assert_int_eq(found != NULL, there[slot]);
        ck_assert(!found || found->left == slot);
    }
    undecided_done(&table);
}
END_TEST

START_TEST(a_slot_used_again_is_another_message)
{
    struct undecided table = {0};
    struct undecided_entry entry = {.of = {7, 1}};

    ck_assert_ptr_null(undecided_find(&table, (struct message_ref){7, 1}));
    ck_assert(undecided_add(&table, &entry));
    ck_assert_ptr_nonnull(undecided_find(&table, (struct message_ref){7, 1}));
    ck_assert_ptr_null(undecided_find(&table, (struct message_ref){7, 2}));
    undecided_remove(&table, undecided_find(&table, (struct message_ref){7, 1}));
    want_number("room", table.size, 0);
    undecided_done(&table);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("undecided");

    tcase_add_test(tc, what_is_left_is_found);
    tcase_add_test(tc, a_slot_used_again_is_another_message);
    return run_suite("undecided", tc);
}
