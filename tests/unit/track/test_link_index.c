/* SPDX-License-Identifier: MIT */
#include "track/link_index.h"

#include "tracker_run.h"

static struct link_index links;

static void begin_links(void)
{
    begin();
    memset(&links, 0, sizeof(links));
}

/* The i-th newest entry of the key. */
static struct message *get(uint64_t key, int i)
{
    struct message *m = NULL;
    uint32_t at = link_index_first(&links, key);

    for (; at && i >= 0; i--)
        m = link_index_take(&links, &tracker, key, &at);
    return i < 0 ? m : NULL;
}

static struct message *index_message(int n, uint64_t key, bool kept)
{
    struct message *m = tracker_find(&tracker, 0, id_of(n));

    if (!m)
        m = tracker_add(&tracker, 0, id_of(n), 1000);
    want_number("kept", link_index_add(&links, &tracker, m, key), kept);
    return m;
}

START_TEST(the_newest_comes_first)
{
    struct message *m[LINK_WAYS + 1];

    for (int i = 0; i <= LINK_WAYS; i++)
        m[i] = index_message(i, 7, i < LINK_WAYS);
    for (int i = 0; i < LINK_WAYS; i++)
        ck_assert_ptr_eq(get(7, i), m[LINK_WAYS - i]);
}
END_TEST

START_TEST(one_message_takes_one_place_of_a_key)
{
    for (int i = 0; i < 2 * LINK_WAYS; i++)
        index_message(1, 7, true);
    struct message *m = index_message(2, 7, true);
    ck_assert_ptr_eq(get(7, 0), m);
    ck_assert_ptr_nonnull(get(7, 1));
    ck_assert_ptr_null(get(7, 2));
}
END_TEST

/* Keys that share a chain are not each other's. */
START_TEST(another_key_is_not_found)
{
    index_message(1, 7, true);
    index_message(2, 7 + LINK_CHAINS, true);
    ck_assert_ptr_null(get(7 + 2 * LINK_CHAINS, 0));
    ck_assert_ptr_null(get(7 + (UINT64_C(1) << 32), 0));
    for (int i = 0; i < 2; i++)
        ck_assert_ptr_eq(get(7 + (uint32_t)i * LINK_CHAINS, 0),
                         tracker_find(&tracker, 0, id_of(1 + i)));
    ck_assert_ptr_null(get(7, 1));
}
END_TEST

/* The oldest of all goes, whatever the keys are. */
START_TEST(full_index_drops_the_oldest)
{
    for (uint32_t i = 0; i < LINK_ENTRIES; i++)
        index_message((int)i, i % 3 ? i * LINK_CHAINS : i, true);
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert_ptr_nonnull(get(i % 3 ? i * LINK_CHAINS : i, 0));
        index_message(LINK_ENTRIES + (int)i, 7, false);
        ck_assert_ptr_null(get(i % 3 ? i * LINK_CHAINS : i, 0));
    }
}
END_TEST

START_TEST(forgotten_message_is_not_found_and_no_loss)
{
    for (int i = 0; i < LINK_WAYS; i++)
        tracker_forget(&tracker, index_message(i, 7, true));
    ck_assert_ptr_null(get(7, 0));
    index_message(9, 7, true);
}
END_TEST

/* What is gone leaves its entry, until somebody has asked for it. */
START_TEST(entries_of_forgotten_messages_are_found_once)
{
    index_message(1, 7, true);
    want_number("all are there", link_index_gone(&links, &tracker, 7), 0);
    tracker_forget(&tracker, index_message(2, 7, true));
    index_message(3, 7, true);
    index_message(4, 8, true);
    want_number("the second", link_index_gone(&links, &tracker, 7), 2);
    want_number("of another key", link_index_gone(&links, &tracker, 8), 0);
    link_index_drop(&links, 2);
    want_number("dropped", link_index_gone(&links, &tracker, 7), 0);
    ck_assert_ptr_eq(get(7, 0), tracker_find(&tracker, 0, id_of(3)));
    ck_assert_ptr_eq(get(7, 1), tracker_find(&tracker, 0, id_of(1)));
}
END_TEST

static void let_pass(int entries)
{
    for (int i = 0; i < entries; i++)
        link_index_append(&links, (struct message_ref){0, 0}, 1);
}

/* Keys that share a chain are found however old the others are, and an empty chain knows none. */
START_TEST(chain_knows_its_keys)
{
    const uint64_t old = 7, middle = 7 | UINT64_C(1) << 32, new = 7 | UINT64_C(2) << 32;
    const struct link_chain *chain = &links.chain[7];

    index_message(1, old, true);
    let_pass(10);
    struct message *m = index_message(2, middle, true);
    let_pass(LINK_ENTRIES - 11);
    struct message *n = index_message(3, new, true);
    ck_assert_ptr_null(get(old, 0));
    ck_assert_ptr_eq(get(middle, 0), m);
    ck_assert_ptr_eq(get(new, 0), n);
    let_pass(LINK_ENTRIES);
    m = index_message(1, old, true);
    ck_assert_ptr_eq(get(old, 0), m);
    want_number("keys of the chain", chain->seen, link_key_bit(old));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_index");

    tcase_add_checked_fixture(tc, begin_links, end);
    tcase_add_test(tc, the_newest_comes_first);
    tcase_add_test(tc, one_message_takes_one_place_of_a_key);
    tcase_add_test(tc, another_key_is_not_found);
    tcase_add_test(tc, full_index_drops_the_oldest);
    tcase_add_test(tc, forgotten_message_is_not_found_and_no_loss);
    tcase_add_test(tc, entries_of_forgotten_messages_are_found_once);
    tcase_add_test(tc, chain_knows_its_keys);
    return run_suite("link_index", tc);
}
