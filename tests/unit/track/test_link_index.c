/* SPDX-License-Identifier: MIT */
#include "track/link_index.h"

#include "tracker_run.h"

static struct link_index links;

static void begin_links(void)
{
    begin();
    ck_assert(link_index_init(&links, LINK_ENTRIES));
}

static void end_links(void)
{
    link_index_done(&links);
    end();
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
    want_number("kept", link_index_add(&links, &tracker, tracker_ref(m), key), kept);
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
    index_message(2, 7 + LINK_ENTRIES, true);
    ck_assert_ptr_null(get(7 + 2 * LINK_ENTRIES, 0));
    ck_assert_ptr_null(get(7 + (UINT64_C(1) << 32), 0));
    for (int i = 0; i < 2; i++)
        ck_assert_ptr_eq(get(7 + (uint32_t)i * LINK_ENTRIES, 0),
                         tracker_find(&tracker, 0, id_of(1 + i)));
    ck_assert_ptr_null(get(7, 1));
}
END_TEST

/* The oldest of all goes, whatever the keys are. That is a loss where it is young, or has the key
 * of the new one. */
START_TEST(full_index_drops_the_oldest)
{
    for (uint32_t i = 0; i < LINK_ENTRIES; i++)
        index_message((int)i, i % 3 ? i * LINK_ENTRIES : i, true);
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert_ptr_nonnull(get(i % 3 ? i * LINK_ENTRIES : i, 0));
        index_message(LINK_ENTRIES + (int)i, 7, i < LINK_WAYS);
        ck_assert_ptr_null(get(i % 3 ? i * LINK_ENTRIES : i, 0));
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
        link_index_skip(&links, 1);
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

/* --- where many are added in a short time --- */

enum { AT_S = 1795489200 };

/* All but those of other keys are of one message. */
static void fill(uint32_t entries)
{
    struct message *m = tracker_find(&tracker, 0, id_of(1));

    if (!m)
        m = tracker_add(&tracker, 0, id_of(1), 1000);
    for (uint32_t i = 0; i < entries; i++)
        link_index_append(&links, tracker_ref(m), 1000 + i, 0);
}

static const struct {
    const char *name;
    uint32_t begun_s, full_s; /* when the index was empty, and full */
    uint32_t messages;        /* the limit */
    uint64_t bytes;
    uint32_t entries;
    bool tight;
} turns[] = {
    {"no fleet", 0, 0, 1000000, UINT64_MAX, LINK_ENTRIES, false},
    {"at once", AT_S, AT_S, 1000000, UINT64_MAX, 2 * LINK_ENTRIES, false},
    {"in ten minutes less a second", AT_S, AT_S + 599, 1000000, UINT64_MAX, 2 * LINK_ENTRIES,
     false},
    {"in ten minutes", AT_S, AT_S + 600, 1000000, UINT64_MAX, LINK_ENTRIES, false},
    {"as many messages", AT_S, AT_S, LINK_ENTRIES, UINT64_MAX, LINK_ENTRIES, true},
    {"one more", AT_S, AT_S, LINK_ENTRIES + 1, UINT64_MAX, 2 * LINK_ENTRIES, false},
    {"a quarter of the memory", AT_S, AT_S, 1000000, 16 << 20, 2 * LINK_ENTRIES, false},
    {"more than that", AT_S, AT_S, 1000000, (16 << 20) - 4, LINK_ENTRIES, true},
};

START_TEST(it_grows_where_it_is_full_too_soon)
{
    uint64_t before = tracker.texts->bytes;

    tracker.limits.messages = turns[_i].messages;
    tracker.limits.bytes = turns[_i].bytes;
    link_index_set_now(&links, turns[_i].begun_s);
    struct message *first = index_message(2, 7, true);
    fill(LINK_ENTRIES - 1);
    link_index_set_now(&links, turns[_i].full_s);
    want_number("before the last one is needed", links.mask + 1, LINK_ENTRIES);
    bool grows = turns[_i].entries > LINK_ENTRIES;
    uint64_t messages = tracker.texts->bytes - before;
    struct message *m = tracker_find(&tracker, 0, id_of(1));
    want_number("nothing is lost", link_index_add(&links, &tracker, tracker_ref(m), 8),
                !turns[_i].tight);
    want_number(turns[_i].name, links.mask + 1, turns[_i].entries);
    want_number("tight", links.tight, turns[_i].tight);
    want_number("bytes", (int64_t)(tracker.texts->bytes - before - messages),
                grows ? LINK_ENTRIES * 32 : 0);
    ck_assert_ptr_eq(get(7, 0), grows ? first : NULL);
    ck_assert_ptr_eq(get(1000 + LINK_ENTRIES - 2, 0), m);
    ck_assert_ptr_eq(get(8, 0), m);
}
END_TEST

/* From the first to the last, through each doubling, and again where the limits become smaller. */
START_TEST(what_was_added_is_found_until_the_bound)
{
    enum { MOST = 8 * LINK_ENTRIES };
    struct tracker_limits smaller;

    tracker.limits.messages = MOST;
    tracker.limits.bytes = UINT64_MAX;
    link_index_set_now(&links, AT_S);
    struct message *m = index_message(1, 7, true);
    for (uint32_t i = 1; i < MOST; i++)
        ck_assert(link_index_add(&links, &tracker, tracker_ref(m), 1000 + i));
    want_number("entries", links.mask + 1, MOST);
    ck_assert_ptr_eq(get(7, 0), m);
    for (uint32_t i = 1; i < MOST; i++)
        ck_assert_ptr_eq(get(1000 + i, 0), m);
    ck_assert(!link_index_add(&links, &tracker, tracker_ref(m), 8));
    want_number("tight", links.tight, true);
    ck_assert_ptr_null(get(7, 0));
    smaller = tracker.limits;
    smaller.messages = 2 * LINK_ENTRIES;
    link_index_fit(&links, &tracker, &smaller);
    want_number("fewer", links.mask + 1, 2 * LINK_ENTRIES);
    want_number("their bytes", (int64_t)tracker.link_bytes, LINK_ENTRIES * 32);
    ck_assert_ptr_null(get(1000 + MOST - 2 * LINK_ENTRIES, 0));
    for (uint32_t i = MOST - 2 * LINK_ENTRIES + 1; i < MOST; i++)
        ck_assert_ptr_eq(get(1000 + i, 0), m);
    ck_assert_ptr_eq(get(8, 0), m);
}
END_TEST

/* Who has taken one entry goes on to the next older one, whatever happens meanwhile. */
START_TEST(who_stands_at_an_entry_can_go_on)
{
    tracker.limits.messages = 1000000;
    tracker.limits.bytes = UINT64_MAX;
    struct message *oldest = index_message(2, 7, true), *m = index_message(3, 7, true);
    index_message(4, 7, true);
    uint32_t at = link_index_first(&links, 7);
    link_index_take(&links, &tracker, 7, &at);
    uint32_t stands = at;
    link_index_drop(&links, stands);
    ck_assert(link_index_resize(&links, &tracker, 2 * LINK_ENTRIES));
    ck_assert_ptr_null(link_index_take(&links, &tracker, 7, &at));
    ck_assert_ptr_eq(link_index_take(&links, &tracker, 7, &at), oldest);
    want_number("the end", at, 0);
    ck_assert_ptr_eq(get(7, 1), oldest);
    ck_assert_ptr_nonnull(m);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_index");

    tcase_add_checked_fixture(tc, begin_links, end_links);
    tcase_add_test(tc, the_newest_comes_first);
    tcase_add_test(tc, one_message_takes_one_place_of_a_key);
    tcase_add_test(tc, another_key_is_not_found);
    tcase_add_test(tc, full_index_drops_the_oldest);
    tcase_add_test(tc, forgotten_message_is_not_found_and_no_loss);
    tcase_add_test(tc, entries_of_forgotten_messages_are_found_once);
    tcase_add_test(tc, chain_knows_its_keys);
    tcase_add_loop_test(tc, it_grows_where_it_is_full_too_soon, 0, COUNT(turns));
    tcase_add_test(tc, what_was_added_is_found_until_the_bound);
    tcase_add_test(tc, who_stands_at_an_entry_can_go_on);
    return run_suite("link_index", tc);
}
