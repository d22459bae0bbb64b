/* SPDX-License-Identifier: MIT */
#include "snapshot_cut.h"
#include "track/tracker_ids.h"

/* A ring of parents, which only a damaged file can contain, must not be followed forever. */
START_TEST(ring_of_parents)
{
    struct log log = log_read(CORPORA "open_relay/mail.log");
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct message *ring[300];
    uint32_t n = 0;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    feed(&run, &log, 0, log.count);
    for (uint32_t slot = 1; slot < run.p->tracker.chunk_count * CHUNK && n < 300; slot++)
        if (tracker_is_live(&run.p->tracker, slot))
            ring[n++] = tracker_at(&run.p->tracker, slot);
    for (uint32_t i = 0; i < n; i++) {
        ring[i]->parent = tracker_ref(ring[(i + 1) % n]);
        ring[i]->flags &= (uint32_t)~MESSAGE_RESOLVED;
    }
    for (uint32_t i = 0; i < n; i++)
        tracker_wait(&run.p->tracker, ring[i], 0);
    struct bytes bytes = run_snapshot(&run);
    ck_assert(run_resume(&rest, &settings, NULL, span_of(bytes.at, bytes.len), why));
    free(run_outcome(&rest));
    free(bytes.at);
    run_end(&rest);
    for (uint32_t i = 0; i < n; i++)
        ring[i]->parent = (struct message_ref){0, 0};
    run_end(&run);
    log_done(&log);
}
END_TEST

START_TEST(message_ids)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct queue_id id;

    run_begin(&run, &settings, NULL);
    run_messages(&run, 0, 3);
    struct bytes bytes = run_snapshot(&run);
    ck_assert(run_resume(&rest, &settings, NULL, span_of(bytes.at, bytes.len), why));
    queue_id_parse(SPAN("4000000001A"), &id);
    const struct message *m = tracker_find(&rest.p->tracker, 0, id);
    ck_assert_ptr_nonnull(m);
    ck_assert(span_equal(tracker_message_id(&rest.p->tracker, m), SPAN("<1@c.example.net>")));
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

/* A file says what it likes. */
START_TEST(form_that_is_none)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];

    run_begin(&run, &settings, NULL);
    run_messages(&run, 0, 1);
    run.p->hosts.source[0].form = ADDRESS_FORM_INTERNAL + 1;
    struct bytes bytes = run_snapshot(&run);
    ck_assert(!run_resume(&rest, &settings, NULL, span_of(bytes.at, bytes.len), why));
    want_text("why", why, "an instance has an unknown address form");
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

START_TEST(smaller_bounds)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct settings small = settings;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    ck_assert_uint_eq(run.p->tracker.count, 200);
    struct bytes bytes = run_snapshot(&run);
    small.limits.messages = 20;
    small.limits.finished = 4;
    ck_assert(run_resume(&rest, &small, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    ck_assert_uint_eq(rest.p->tracker.count, 20);
    ck_assert_uint_eq(rest.p->tracker.counters.evicted, 180);
    run_messages(&rest, 200, 100);
    ck_assert_uint_eq(rest.p->tracker.count, 20);
    free(run_outcome(&rest));
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

static void add_recipients(struct run *run, uint32_t count)
{
    struct tracker *t = &run->p->tracker;
    struct message *m = tracker_at(t, 1);

    for (uint32_t i = 0; i < count; i++) {
        struct recipient *r = tracker_add_recipient(t, m, 1000000 + i);
        if (r)
            r->text = intern_get(t->texts, SPAN("example.com"));
    }
}

/* Recipients of one message: stored inside, outside, beyond the bound, beyond its counter. */
static const uint32_t recipients[] = {1, 2, 4, 5, 1000, 70000};

START_TEST(many_recipients)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct settings large = settings, small = settings;
    uint32_t n = recipients[_i], most = n < UINT16_MAX ? n : UINT16_MAX;

    large.limits.recipients = 100000;
    small.limits.recipients = 3;
    run_begin(&run, &large, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 1);
    add_recipients(&run, n - 1);
    ck_assert_uint_eq(tracker_at(&run.p->tracker, 1)->recipient_count, most);
    ck_assert_uint_eq(run.p->tracker.counters.recipients_over, n - most);
    struct bytes bytes = run_snapshot(&run);
    ck_assert(run_resume(&rest, &large, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    struct message *m = tracker_at(&rest.p->tracker, 1);
    ck_assert_uint_eq(m->recipient_count, most);
    ck_assert_uint_eq(m->recipient_room, tracker_at(&run.p->tracker, 1)->recipient_room);
    add_recipients(&rest, 1);
    ck_assert_uint_eq(m->recipient_count, most < UINT16_MAX ? most + 1 : most);
    run_end(&rest);
    ck_assert(run_resume(&rest, &small, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    ck_assert_uint_eq(tracker_at(&rest.p->tracker, 1)->recipient_count, n < 3 ? n : 3);
    ck_assert_uint_eq(rest.p->tracker.counters.recipients_over, n < 3 ? 0 : n - 3);
    free(run_outcome(&rest));
    run_end(&rest);
    free(bytes.at);
    run_end(&run);
}
END_TEST

/* Whatever the order in which slots were freed, a restored tracker hands out the same ones. */
START_TEST(free_slots_in_order)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    uint64_t random = 7;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 3000);
    for (int i = 0; i < 2500; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t slot = (uint32_t)(random >> 33) % (run.p->tracker.chunk_count * CHUNK);
        if (tracker_is_live(&run.p->tracker, slot))
            tracker_forget(&run.p->tracker, tracker_at(&run.p->tracker, slot));
    }
    struct bytes bytes = run_snapshot(&run);
    ck_assert(run_resume(&rest, &settings, NULL, span_of(bytes.at, bytes.len), why));
    run_messages(&run, 10000, 2500);
    run_messages(&rest, 10000, 2500);
    for (uint32_t slot = 1; slot < run.p->tracker.chunk_count * CHUNK; slot++) {
        bool live = tracker_is_live(&run.p->tracker, slot);
        ck_assert_int_eq(live, tracker_is_live(&rest.p->tracker, slot));
        if (live)
            ck_assert(queue_id_equal(tracker_at(&run.p->tracker, slot)->id,
                                     tracker_at(&rest.p->tracker, slot)->id));
    }
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_tracker");

    tcase_add_test(tc, ring_of_parents);
    tcase_add_test(tc, message_ids);
    tcase_add_test(tc, form_that_is_none);
    tcase_add_test(tc, smaller_bounds);
    ADD_ROWS(tc, many_recipients, recipients);
    tcase_add_test(tc, free_slots_in_order);
    return run_snapshot_suite("snapshot_tracker", tc);
}
