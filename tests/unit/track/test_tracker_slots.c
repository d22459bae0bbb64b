/* SPDX-License-Identifier: MIT */
#include "track/tracker_slots.h"

#include "tracker_run.h"

static uint32_t take(uint16_t host)
{
    uint32_t slot = tracker_slots_take(&tracker, host);

    ck_assert_msg(slot != 0, "no slot for host %u", host);
    tracker_at(&tracker, slot)->source = (uint16_t)(host * HOSTS_INSTANCES_MAX);
    return slot;
}

static void give_all(uint16_t host, const uint32_t *slot, int n)
{
    for (int i = 0; i < n; i++)
        tracker_slots_give(&tracker, slot[i], host);
}

START_TEST(a_word_is_of_one_host)
{
    uint32_t a[100], b[100];

    for (int i = 0; i < 100; i++) {
        a[i] = take(0);
        b[i] = take(1);
    }
    for (int i = 0; i < 100; i++) /* slot 0 stands for none */
        want_number("a's", a[i], i < 63 ? i + 1 : 2 * 64 + (i - 63));
    for (int i = 0; i < 100; i++)
        want_number("b's", b[i], i < 64 ? 64 + i : 3 * 64 + (i - 64));
    want_number("words", tracker.host[0].words, 2);
    give_all(0, a, 100);
    give_all(1, b, 100);
    want_number("chunks", tracker.chunk_count, 0);
}
END_TEST

/* Its lowest free slot, in its lowest word, whatever others have taken meanwhile. */
START_TEST(gaps_are_filled_first)
{
    uint32_t a[64 * 3], other;

    for (int i = 0; i < COUNT(a); i++)
        a[i] = take(0);
    for (int i = 63; i < 127; i++) /* all of the second word */
        tracker_slots_give(&tracker, a[i], 0);
    tracker_slots_give(&tracker, a[5], 0);
    want_number("a gap", tracker.host[0].word[1], WORD_NONE);
    other = take(1);
    want_number("the free word", other, 64);
    want_number("the lowest", take(0), a[5]);
    uint32_t next = take(0);
    want_number("a new word", next, 4 * 64);
    want_number("in the gap", tracker_chunk_of(&tracker, 4)->place[4], 1);
    want_number("at the end nothing is new", tracker.host[0].words, 4);
    tracker_slots_give(&tracker, next, 0);
    give_all(0, a, 63);
    give_all(0, a + 127, 3 * 64 - 127);
    tracker_slots_give(&tracker, other, 1);
    want_number("words", tracker.host[0].words, 0);
    want_number("chunks", tracker.chunk_count, 0);
}
END_TEST

START_TEST(a_word_has_one_place)
{
    ck_assert(tracker_add_chunk(&tracker, true) && tracker_slots_reserve(&tracker, 2));
    want_number("hosts", tracker.host_room, 4);
    ck_assert(tracker_slots_place(&tracker, 2, 7, 3));
    want_number("places", tracker.host[2].words, 4);
    want_number("before it", tracker.host[2].word[0], WORD_NONE);
    want_number("taken", tracker_slots_place(&tracker, 2, 8, 3), false);
    want_number("impossible", tracker_slots_place(&tracker, 2, 8, UINT32_MAX), false);
    ck_assert(tracker_slots_place(&tracker, 2, 8, 0));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("tracker_slots");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_word_is_of_one_host);
    tcase_add_test(tc, gaps_are_filled_first);
    tcase_add_test(tc, a_word_has_one_place);
    return run_suite("tracker_slots", tc);
}
