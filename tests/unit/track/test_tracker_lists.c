/* SPDX-License-Identifier: MIT */
#include "track/tracker_lists.h"
#include "tracker_run.h"

START_TEST(waits_in_order_and_once)
{
    tracker_wait(&tracker, add(1, 0), 100);
    tracker_wait(&tracker, add(2, 0), 101);
    tracker_wait(&tracker, add(3, 0), 102);
    tracker_wait(&tracker, find(1), 150); /* waits already */
    tracker_forget(&tracker, find(2));
    ck_assert_ptr_null(tracker_waited(&tracker, 0, 159));
    ck_assert_ptr_eq(tracker_waited(&tracker, 0, 160), find(1));
    want_number("waiting", message_has(find(1), MESSAGE_WAITING), false);
    ck_assert_ptr_null(tracker_waited(&tracker, 0, 161)); /* 2 is gone, 3 is not due */
    ck_assert_ptr_eq(tracker_waited(&tracker, 0, UINT32_MAX), find(3));
    ck_assert_ptr_null(tracker_waited(&tracker, 0, UINT32_MAX));
}
END_TEST

START_TEST(deliveries_are_expected_for_a_while)
{
    uint32_t nrcpt;

    tracker_expect(&tracker, add(1, 0), 3, 100);
    tracker_expect(&tracker, add(2, 0), 4, 101);
    tracker_expect(&tracker, add(3, 0), 5, 102);
    want_number("due", tracker_next_due(&tracker, 0), 160);
    tracker_forget(&tracker, find(2));
    ck_assert_ptr_null(tracker_expected(&tracker, 0, 159, &nrcpt));
    ck_assert_ptr_eq(tracker_expected(&tracker, 0, 160, &nrcpt), find(1));
    want_number("recipients", nrcpt, 3);
    ck_assert_ptr_null(tracker_expected(&tracker, 0, 161, &nrcpt)); /* 2 is gone */
    ck_assert_ptr_eq(tracker_expected(&tracker, 0, UINT32_MAX, &nrcpt), find(3));
    want_number("recipients", nrcpt, 5);
    ck_assert_ptr_null(tracker_expected(&tracker, 0, UINT32_MAX, &nrcpt));
}
END_TEST

START_TEST(finished_messages_are_dropped_when_due)
{
    for (int i = 0; i < 3; i++)
        tracker_finish(&tracker, add(i, 1000), 1000 + (uint32_t)i);
    want_number("gone", tracker.gone, 3);
    tracker_drop_finished(&tracker, 0, 1599);
    want_number("before", tracker.count, 3);
    tracker_drop_finished(&tracker, 0, 1601);
    want_number("after two", tracker.count, 1);
    ck_assert_ptr_nonnull(find(2));
    tracker_drop_finished(&tracker, 0, 1602);
    want_number("after all", tracker.count, 0);
    want_number("gone", tracker.gone, 0);
}
END_TEST

START_TEST(oldest_finished_makes_room)
{
    for (int i = 0; i < 150; i++) {
        struct message *m = add(i, 1);
        m->flags |= MESSAGE_PARENT;
        tracker_finish(&tracker, m, 1);
    }
    want_number("count", tracker.count, 100);
    ck_assert_ptr_null(find(49));
    ck_assert_ptr_nonnull(find(50));
    want_number("early", (int64_t)tracker.counters.finished_early, 50);
    struct message *m = add(150, 1);
    m->flags |= MESSAGE_PARENT;
    tracker_finish(&tracker, m, 601); /* the oldest one's time is over */
    ck_assert_ptr_null(find(50));
    want_number("not early", (int64_t)tracker.counters.finished_early, 50);
}
END_TEST

/* They get an eighth of the room, and never push out messages with children. */
START_TEST(finished_messages_without_children_are_kept_briefly)
{
    struct message *parent = add(1000, 1);

    parent->flags |= MESSAGE_PARENT;
    tracker_finish(&tracker, parent, 1);
    for (int i = 0; i < 150; i++)
        tracker_finish(&tracker, add(i, 1), 1);
    want_number("count", tracker.count, 12 + 1);
    ck_assert_ptr_null(find(137));
    ck_assert_ptr_nonnull(find(138));
    ck_assert_ptr_nonnull(find(1000));
    want_number("nothing that is looked for", (int64_t)tracker.counters.finished_early, 0);
}
END_TEST

/* Every minute after since_s, up to and including that of now_s. */
static void sweep(uint32_t since_s, uint32_t now_s)
{
    for (uint32_t minute = since_s / 60 + 1; minute <= now_s / 60; minute++)
        tracker_sweep(&tracker, 0, minute);
}

START_TEST(silent_messages_are_forgotten)
{
    uint32_t now = 1000000;
    struct message *m;

    add(1, now)->state = MESSAGE_NEW;
    add(2, now)->state = MESSAGE_QUEUED;
    add(3, now)->state = MESSAGE_QUEUED;
    m = add(4, now);
    tracker_wait(&tracker, m, now); /* not forgotten before its wait is over */
    sweep(now, now + 3600 + 600);
    ck_assert_ptr_null(find(1));
    ck_assert_ptr_nonnull(find(4));
    find(3)->last_s = now + 80000;
    sweep(now + 4200, now + 86400 + 1200);
    ck_assert_ptr_null(find(2));
    ck_assert_ptr_nonnull(find(3));
    want_number("expired", (int64_t)tracker.counters.expired, 2);
}
END_TEST

/* Each minute sweeps a tenth of the table. */
START_TEST(sweep_depends_on_the_minute_alone)
{
    for (int i = 0; i < 3000; i++)
        add(i, 1200)->state = MESSAGE_QUEUED;
    sweep(1200, 1200 + 86399);
    want_number("before", tracker.count, 3000);
    tracker_sweep(&tracker, 0, (1200 + 86400) / 60);
    /* Every tenth of the 47 words of 64 slots; slot 0 is never used. */
    want_number("a tenth", tracker.count, 3000 - 5 * 64 + 1);
    tracker_sweep(&tracker, 0, (1200 + 86400) / 60 + 10);
    want_number("the same tenth", tracker.count, 3000 - 5 * 64 + 1);
    sweep(1200 + 86400, 1200 + 86400 + 600);
    want_number("all", tracker.count, 0);
}
END_TEST

/* A word of 64 messages is skipped until one of them can be due. New limits, a new message or a
 * waiting one bring that forward. */
START_TEST(sweep_skips_messages_that_cannot_be_due)
{
    struct tracker_limits shorter = tracker.limits;
    uint32_t now = 1200000;

    for (int i = 0; i < 60; i++)
        add(i, now)->state = MESSAGE_QUEUED;
    sweep(now, now + 600);
    add(60, now + 700)->state = MESSAGE_NEW;
    struct message *waiting = add(61, now + 700);
    waiting->state = MESSAGE_NEW;
    tracker_wait(&tracker, waiting, now + 700);
    sweep(now + 600, now + 700 + 3600 - 60);
    want_number("before", tracker.count, 62);
    sweep(now + 700 + 3600 - 60, now + 700 + 3600 + 600);
    ck_assert_ptr_null(find(60));
    ck_assert_ptr_nonnull(find(61));
    waiting->flags &= (uint32_t)~MESSAGE_WAITING;
    sweep(now + 4900, now + 5500);
    ck_assert_ptr_null(find(61));
    want_number("the others", tracker.count, 60);
    shorter.age_s = 7200;
    tracker_set_limits(&tracker, &shorter);
    sweep(now + 7200, now + 7800);
    want_number("with a shorter age", tracker.count, 0);
}
END_TEST

START_TEST(next_wait_is_known)
{
    want_number("nobody waits", tracker_next_due(&tracker, 0), UINT32_MAX);
    tracker_wait(&tracker, add(1, 0), 100);
    tracker_wait(&tracker, add(2, 0), 101);
    want_number("the first", tracker_next_due(&tracker, 0), 160);
    tracker_waited(&tracker, 0, 160);
    want_number("the second", tracker_next_due(&tracker, 0), 161);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("tracker_lists");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, waits_in_order_and_once);
    tcase_add_test(tc, deliveries_are_expected_for_a_while);
    tcase_add_test(tc, finished_messages_are_dropped_when_due);
    tcase_add_test(tc, oldest_finished_makes_room);
    tcase_add_test(tc, finished_messages_without_children_are_kept_briefly);
    tcase_add_test(tc, silent_messages_are_forgotten);
    tcase_add_test(tc, sweep_depends_on_the_minute_alone);
    tcase_add_test(tc, sweep_skips_messages_that_cannot_be_due);
    tcase_add_test(tc, next_wait_is_known);
    return run_suite("tracker_lists", tc);
}
