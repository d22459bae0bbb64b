/* SPDX-License-Identifier: MIT */
#include "detect/detector.h"
#include "detect/cell.h"
#include "detect/closing.h"
#include "snapshot_cut.h"

/* A bound below the number of incidents: the oldest go, the others move and keep their cells. */
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
    run_messages(&rest, 6000, 100); /* all ten again, for three slots */
    ck_assert_uint_eq(rest.p->detector.incident_count, 3);
    free(run_outcome(&rest));
    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 200;
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

/* A larger bound leaves room for later incidents. */
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
    ck_assert_uint_eq(rest.p->detector.incident_count, 10); /* three are reopened */
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

/* A damaged file may call a cell retired that no incident holds. */
START_TEST(cells_of_no_incident)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];

    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    struct cell *cell = &run.p->detector.cell[0];
    ck_assert(cell->key && cell->incident && !cell->retired);
    cell_retire(&run.p->detector, cell);
    cell_unlist(&run.p->detector, cell);
    cell->incident = 0;
    struct bytes bytes = run_snapshot(&run);
    ck_assert(!run_resume(&rest, &settings, CORPORA "open_relay/postconf-n.txt",
                          span_of(bytes.at, bytes.len), why));
    want_text("why", why, "a cell belongs to an incident that does not exist");
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 200;
}
END_TEST

/* A person's decision outlives a restart. */
START_TEST(closed_incident_stays_closed)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];

    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    detector_close(&run.p->detector, &run.p->detector.incident[1], SPAN("it is wanted"), 77);
    struct bytes bytes = run_snapshot(&run);
    ck_assert(run_resume(&rest, &settings, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    const struct incident *incident = &rest.p->detector.incident[1];
    ck_assert_uint_eq(incident->closed_s, 77);
    ck_assert_uint_eq(incident->closed_amount, run.p->detector.incident[1].closed_amount);
    ck_assert_uint_gt(incident->closed_amount, 0);
    want_text("reason", incident->close_reason->at, "it is wanted");
    ck_assert_uint_eq(rest.p->detector.incident[0].closed_s, 0);
    ck_assert_ptr_null(rest.p->detector.incident[0].close_reason);
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 200;
}
END_TEST

/* As many relations as an incident may have. */
START_TEST(relations_to_their_bound)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];

    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    struct incident *incident = &run.p->detector.incident[0];
    for (incident->related_count = 0; incident->related_count < RELATED_MAX;)
        incident->related[incident->related_count++] = 7;
    struct bytes bytes = run_snapshot(&run);
    ck_assert_msg(run_resume(&rest, &settings, CORPORA "open_relay/postconf-n.txt",
                             span_of(bytes.at, bytes.len), why),
                  "%s", why);
    want_number("related", rest.p->detector.incident[0].related_count, RELATED_MAX);
    want_number("the last", (int64_t)rest.p->detector.incident[0].related[RELATED_MAX - 1], 7);
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 200;
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_detector");

    tcase_add_test(tc, smaller_bound);
    tcase_add_test(tc, cells_of_no_incident);
    tcase_add_test(tc, larger_bound);
    tcase_add_test(tc, closed_incident_stays_closed);
    tcase_add_test(tc, relations_to_their_bound);
    return run_snapshot_suite("snapshot_detector", tc);
}
