/* SPDX-License-Identifier: MIT */
#include "track/tracker_ids.h"

#include "tracker_run.h"

static void set_id(struct message *m, struct span text)
{
    tracker_set_message_id(&tracker, m, text, tracker_id_hash(&tracker, text));
}

START_TEST(message_id_lasts_until_the_ring_overwrites_it)
{
    char text[300];
    struct message *first = add(0, 1), *empty = add(1, 1), *m = NULL;

    set_id(first, SPAN("<first@example.net>"));
    set_id(empty, SPAN(""));
    want_number("first",
                span_equal(tracker_message_id(&tracker, first), SPAN("<first@example.net>")), true);
    want_number("empty", (int64_t)tracker_message_id(&tracker, empty).len, 0);
    memset(text, 'x', sizeof(text));
    for (int i = 2; i < 5000; i++) {
        m = add(i, 1);
        set_id(m, span_of(text, (size_t)(i % 300)));
        struct span got = tracker_message_id(&tracker, m);
        want_number("length", (int64_t)got.len, i % 300 < 250 ? i % 300 : 250);
    }
    want_number("first", (int64_t)tracker_message_id(&tracker, first).len, 0);
    want_number("none", (int64_t)tracker_message_id(&tracker, add(5000, 1)).len, 0);
}
END_TEST

/* The hash is of the whole message-id, of which the ring keeps only the beginning. */
START_TEST(copy_is_found_by_the_same_message_id)
{
    char text[300];
    struct message *from = add(0, 1), *to = add(1, 1), *none = add(2, 1), *of_none = add(3, 1);

    memset(text, 'x', sizeof(text));
    set_id(from, span_of(text, sizeof(text)));
    from->flags |= MESSAGE_OWN_ID;
    tracker_copy_message_id(&tracker, to, from);
    want_number("hash", to->message_id_hash, tracker_id_hash(&tracker, span_of(text, 300)));
    want_number("text", (int64_t)tracker_message_id(&tracker, to).len, 250);
    want_number("own", message_has(to, MESSAGE_OWN_ID), true);
    tracker_copy_message_id(&tracker, of_none, none);
    want_number("none", of_none->message_id_hash, 0);
}
END_TEST

/* The oldest text lies where the new one goes. */
START_TEST(oldest_is_copied_whole)
{
    struct message *first = add(0, 1), *to = add(9999, 1);
    char text[250];

    memset(text, 'x', sizeof(text));
    set_id(first, SPAN("<first@example.net>"));
    for (int i = 1; tracker_message_id(&tracker, first).len; i++) {
        struct message *m = add(i, 1);
        set_id(m, span_of(text, sizeof(text)));
        tracker_copy_message_id(&tracker, to, first);
        struct span got = tracker_message_id(&tracker, to);
        ck_assert_msg(!got.len || span_equal(got, SPAN("<first@example.net>")), "got \"%.*s\"",
                      SPAN_ARG(got));
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("tracker_ids");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, message_id_lasts_until_the_ring_overwrites_it);
    tcase_add_test(tc, copy_is_found_by_the_same_message_id);
    tcase_add_test(tc, oldest_is_copied_whole);
    return run_suite("tracker_ids", tc);
}
