/* SPDX-License-Identifier: MIT */
#include "snapshot_cut.h"

/* Fewer incidents than there were: the oldest go, the others move up and keep their keys. */
START_TEST(smaller_bound)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct settings small = settings;
    const struct incident *left[3];

    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    small.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    run_messages(&run, 5000, 3); /* of three accounts, five seconds later */
    ck_assert_uint_eq(run.p->detector.incident_count, 10);
    struct bytes bytes = run_snapshot(&run);
    small.limits.incidents = 3;
    ck_assert(run_resume(&rest, &small, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    ck_assert_uint_eq(rest.p->detector.incident_count, 3);
    ck_assert_uint_eq(rest.p->detector.incident_max, 3);
    ck_assert_uint_eq(rest.p->detector.counters.incidents_evicted, 7);
    ck_assert_uint_eq(incidents_in_order(&rest.p->detector, left), 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct incident_view view;
        char key[8];
        snprintf(key, sizeof(key), "user%u", i);
        want_text("key", left[i]->key_text->at, key);
        incident_view_init(&view, &rest.p->detector, left[i]);
        ck_assert_uint_eq(view.totals.messages, 21);
        incident_view_done(&view);
    }
    run_messages(&rest, 6000, 100); /* all ten again, for three places */
    ck_assert_uint_eq(rest.p->detector.incident_count, 3);
    free(run_outcome(&rest));
    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 200;
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

/* A larger bound is there for what comes. */
START_TEST(larger_bound)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct settings small = settings;

    small.limits.incidents = 3;
    small.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    run_begin(&run, &small, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    ck_assert_uint_eq(run.p->detector.incident_count, 3);
    struct bytes bytes = run_snapshot(&run);
    small.limits.incidents = 100;
    ck_assert(run_resume(&rest, &small, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    run_messages(&rest, 4000000, 200);                      /* an hour later */
    ck_assert_uint_eq(rest.p->detector.incident_count, 13); /* three are over */
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_detector");

    tcase_add_test(tc, smaller_bound);
    tcase_add_test(tc, larger_bound);
    return run_snapshot_suite("snapshot_detector", tc);
}
