/* SPDX-License-Identifier: MIT */
#include "tracker_run.h"

START_TEST(finds_by_source_and_id)
{
    struct message *a = tracker_add(&tracker, 1, id_of(5), 10);
    struct message *b = tracker_add(&tracker, 2, id_of(5), 10);

    ck_assert(a != b);
    ck_assert_ptr_eq(tracker_find(&tracker, 1, id_of(5)), a);
    ck_assert_ptr_eq(tracker_find(&tracker, 2, id_of(5)), b);
    ck_assert_ptr_null(tracker_find(&tracker, 3, id_of(5)));
    ck_assert_ptr_null(tracker_find(&tracker, 1, id_of(6)));
    ck_assert_ptr_eq(tracker_peek(&tracker, tracker_hash(&tracker, 1, id_of(5))), a);
    ck_assert_ptr_null(tracker_peek(&tracker, tracker_hash(&tracker, 1, id_of(6))));
    want_number("count", tracker.count, 2);
    want_number("last", a->last_s, 10);
}
END_TEST

/* In any order, the index closes its gaps, empty chunks are freed and the rest is found. */
static const int steps[] = {1, 7, 101, 4999};

START_TEST(forgets_in_any_order)
{
    enum { N = 5000 };
    static bool gone[N];

    memset(gone, 0, sizeof(gone));
    for (int i = 0; i < N; i++)
        add(i, 1);
    for (int i = 0, n = 0; i < N; i++, n = (n + steps[_i]) % N) {
        tracker_forget(&tracker, find(n));
        gone[n] = true;
        for (int k = 0; i % 500 == 0 && k < N; k++) {
            struct message *m = find(k);
            ck_assert_msg((m == NULL) == gone[k] && (!m || (int)m->begun_s == k),
                          "step %d, after %d, message %d: got another, want itself", steps[_i], i,
                          k);
        }
    }
    want_number("count", tracker.count, 0);
    want_number("reported", forgotten, N);
    for (int i = 0; i < N; i++) /* slots are reused */
        add(i, 2);
    for (int i = 0; i < N; i++)
        want_number("again", find(i)->begun_s, i);
}
END_TEST

START_TEST(reference_outlives_its_message)
{
    struct message *m = add(1, 1);
    struct message_ref ref = tracker_ref(m), none = {0, 0};

    ck_assert_ptr_eq(tracker_deref(&tracker, ref), m);
    ck_assert_ptr_null(tracker_deref(&tracker, none));
    tracker_forget(&tracker, m);
    ck_assert_ptr_null(tracker_deref(&tracker, ref));
    struct message *next = add(4, 1); /* in the same slot */
    ck_assert_ptr_eq(next, m);
    ck_assert_ptr_null(tracker_deref(&tracker, ref));
    ck_assert_ptr_eq(tracker_deref(&tracker, tracker_ref(next)), next);
}
END_TEST

START_TEST(remembers_recipients_up_to_its_bound)
{
    struct message *m = add(1, 1);

    for (uint32_t i = 0; i < 120; i++) {
        struct recipient *r = tracker_add_recipient(&tracker, m, i * 2654435761u);
        want_number("kept", r != NULL, i < 100);
        if (r)
            r->text = intern_get(&texts, SPAN("victim.example"));
    }
    for (uint32_t i = 0; i < 120; i++) {
        struct recipient *r = tracker_recipient(m, i * 2654435761u);
        want_number("found", r != NULL, i < 100);
        if (r)
            want_number("itself", r->hash, i * 2654435761u);
    }
    want_number("over", (int64_t)tracker.counters.recipients_over, 20);
    want_number("recipients", m->recipient_count, 100);
    tracker_forget(&tracker, m);
    want_number("texts left", texts.used, 0);
}
END_TEST

START_TEST(flood_stays_inside_its_bound)
{
    tracker_done(&tracker);
    interns_done(&texts);
    begin_with(1000, 100);
    for (int i = 0; i < 20000; i++) {
        struct message *m = add(i, (uint32_t)i);
        m->client = intern_get(&texts, SPAN("unknown[192.0.2.1]"));
        ck_assert_msg(tracker.count <= 1000, "after %d: got %u messages, want 1000", i,
                      tracker.count);
    }
    want_number("count", tracker.count, 1000);
    want_number("evicted", (int64_t)tracker.counters.evicted, 19000);
    want_number("reported", forgotten, 19000);
    ck_assert_msg(tracker.chunk_count <= 2 && tracker.index_size <= 4096,
                  "memory: got %u chunks and %u index slots, want 2 and 4096", tracker.chunk_count,
                  tracker.index_size);
}
END_TEST

/* Each eviction takes the most silent of sixteen: a young message survives a flood for a while. */
START_TEST(most_silent_message_is_evicted_first)
{
    tracker_done(&tracker);
    interns_done(&texts);
    begin_with(16, 16);
    for (int i = 0; i < 16; i++)
        add(i, 100 + (uint32_t)(i + 5) % 16);
    add(16, 200);
    ck_assert_ptr_null(find(11)); /* it was last seen at 100 */
    add(17, 200);
    ck_assert_ptr_null(find(12));
    want_number("count", tracker.count, 16);
}
END_TEST

START_TEST(index_shrinks_after_a_flood)
{
    for (int i = 0; i < 100000; i++)
        add(i, 1);
    uint32_t grown = tracker.index_size;
    for (int i = 0; i < 100000; i++)
        tracker_forget(&tracker, find(i));
    ck_assert_msg(tracker.index_size < grown / 16, "index: got %u, want less than %u",
                  tracker.index_size, grown / 16);
}
END_TEST

static void visit(void *ctx, struct message *m)
{
    bool *seen = ctx;

    seen[m->begun_s] = true;
}

START_TEST(visits_each_once)
{
    static bool seen[3000];
    int n = 0;

    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < 3000; i++)
        add(i, 1);
    for (int i = 0; i < 3000; i += 2)
        tracker_forget(&tracker, find(i));
    tracker_each(&tracker, visit, seen);
    for (int i = 0; i < 3000; i++)
        n += seen[i] == (i % 2 == 1);
    want_number("right", n, 3000);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("tracker");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, finds_by_source_and_id);
    ADD_ROWS(tc, forgets_in_any_order, steps);
    tcase_add_test(tc, reference_outlives_its_message);
    tcase_add_test(tc, remembers_recipients_up_to_its_bound);
    tcase_add_test(tc, flood_stays_inside_its_bound);
    tcase_add_test(tc, most_silent_message_is_evicted_first);
    tcase_add_test(tc, index_shrinks_after_a_flood);
    tcase_add_test(tc, visits_each_once);
    return run_suite("tracker", tc);
}
