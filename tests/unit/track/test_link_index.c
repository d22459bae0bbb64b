/* SPDX-License-Identifier: MIT */
#include "track/link_index.h"

#include "tracker_run.h"

static struct link_index links;

static void begin_links(void)
{
    begin();
    memset(&links, 0, sizeof(links));
}

static struct message *index_message(int n, uint32_t key, bool kept)
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
        ck_assert_ptr_eq(link_index_get(&links, &tracker, 7, i), m[LINK_WAYS - i]);
}
END_TEST

START_TEST(one_message_takes_one_place_of_a_key)
{
    for (int i = 0; i < 2 * LINK_WAYS; i++)
        index_message(1, 7, true);
    struct message *m = index_message(2, 7, true);
    ck_assert_ptr_eq(link_index_get(&links, &tracker, 7, 0), m);
    ck_assert_ptr_nonnull(link_index_get(&links, &tracker, 7, 1));
    ck_assert_ptr_null(link_index_get(&links, &tracker, 7, 2));
}
END_TEST

/* Keys that share a set are not each other's. */
START_TEST(another_key_is_not_found)
{
    index_message(1, 7, true);
    ck_assert_ptr_null(link_index_get(&links, &tracker, 7 + LINK_ENTRIES / LINK_WAYS, 0));
}
END_TEST

START_TEST(forgotten_message_is_not_found_and_no_loss)
{
    for (int i = 0; i < LINK_WAYS; i++)
        tracker_forget(&tracker, index_message(i, 7, true));
    ck_assert_ptr_null(link_index_get(&links, &tracker, 7, 0));
    index_message(9, 7, true);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_index");

    tcase_add_checked_fixture(tc, begin_links, end);
    tcase_add_test(tc, the_newest_comes_first);
    tcase_add_test(tc, one_message_takes_one_place_of_a_key);
    tcase_add_test(tc, another_key_is_not_found);
    tcase_add_test(tc, forgotten_message_is_not_found_and_no_loss);
    return run_suite("link_index", tc);
}
