/* SPDX-License-Identifier: MIT */
/* Keys, buckets and counts. Which cells make which incident: test_grouping.c. */
#include "detect/cell.h"
#include "detect/detector.h"
#include "detect/thresholds.h"
#include "detect/scope.h"
#include "detector_run.h"

static const struct {
    const char *name;
    enum kind kind;
    enum key_type levels[5];
} levels[] = {
    {"open-relay",
     KIND_OPEN_RELAY,
     {KEY_CLIENT, KEY_NETWORK, KEY_SENDER_DOMAIN, KEY_HOST, KEY_NONE}},
    {"account-abuse", KIND_ACCOUNT_ABUSE, {KEY_ACCOUNT}},
    {"local-abuse", KIND_LOCAL_ABUSE, {KEY_SENDER, KEY_UID}},
    {"trusted-relay", KIND_TRUSTED_RELAY, {KEY_SENDER, KEY_CLIENT, KEY_HOST}},
    {"backscatter-source", KIND_BACKSCATTER_SOURCE, {KEY_CLIENT, KEY_NETWORK, KEY_HOST}},
    {"backscatter-victim", KIND_BACKSCATTER_VICTIM, {KEY_RECIPIENT, KEY_RECIPIENT_DOMAIN}},
};

START_TEST(keys_are_narrowest_first)
{
    for (int i = 0; i < 5; i++)
        want_number(levels[_i].name, scope_key(levels[_i].kind, i), levels[_i].levels[i]);
}
END_TEST

static const struct {
    enum key_type type;
    const char *name;
} names[] = {
    {KEY_CLIENT, "client"},
    {KEY_NETWORK, "client_network"},
    {KEY_SENDER_DOMAIN, "sender_domain"},
    {KEY_SENDER, "sender"},
    {KEY_UID, "uid"},
    {KEY_ACCOUNT, "sasl_username"},
    {KEY_HOST, "host"},
    {KEY_RECIPIENT, "recipient"},
    {KEY_RECIPIENT_DOMAIN, "recipient_domain"},
};

START_TEST(keys_have_the_names_of_the_contract)
{
    want_text(names[_i].name, key_type_name(names[_i].type), names[_i].name);
}
END_TEST

static const struct {
    const char *name;
    dur_us window;
    uint32_t now_s, bucket;
} buckets[] = {
    {"an hour", 3600 * US_PER_S, 3600, 12},     {"just before", 3600 * US_PER_S, 3599, 11},
    {"a minute", 60 * US_PER_S, 60, 12},        {"a day", 86400 * US_PER_S, 86400, 12},
    {"too short for a bucket", US_PER_S, 7, 7},
};

START_TEST(window_is_seen_in_twelve_buckets)
{
    struct thresholds th = {.window = buckets[_i].window};

    want_number(buckets[_i].name, thresholds_bucket(&th, buckets[_i].now_s).number,
                buckets[_i].bucket);
}
END_TEST

/* --- counting --------------------------------------------------------------------------------- */

START_TEST(status_moves_from_one_count_to_the_other)
{
    again(NULL);
    struct detector *d = &run.p->detector;
    struct observation o = relayed(1, 1, 1000);
    o.status = STATUS_DEFERRED;
    struct cell_ref ref = observe(o);
    const struct totals *t = &d->cell[ref.cell - 1].totals;
    detector_status(d, ref, STATUS_DEFERRED, STATUS_BOUNCED, 1001);
    want_number("deferred", (int64_t)t->deferred, 0);
    want_number("bounced", (int64_t)t->bounced, 1);
    detector_status(d, ref, STATUS_BOUNCED, STATUS_SENT, 1002);
    want_number("sent", (int64_t)t->sent, 1);
    detector_status(d, ref, STATUS_DEFERRED, STATUS_SENT,
                    1003); /* none of the cell's is deferred */
    want_number("deferred", (int64_t)t->deferred, 0);
    want_number("sent", (int64_t)t->sent, 1);
    detector_queue(d, ref, 1, 1);
    detector_queue(d, ref, 0, -1);
    want_number("queued", (int64_t)t->queued, 1);
    want_number("held", (int64_t)t->held, 0);
}
END_TEST

START_TEST(late_evidence_counts_in_its_own_time)
{
    again(NULL);
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 3; i++)
        observe(relayed(1, 1, 100000));
    observe(relayed(1, 1, 100000 - 3000));
    want_number("four", d->incident_count, 0);
    observe(relayed(1, 1, 100000 - 100000)); /* long past: its bucket has been reused */
    want_number("a day late", d->incident_count, 0);
    observe(relayed(1, 1, 100000));
    want_number("five", d->incident_count, 1);
}
END_TEST

START_TEST(open_incident_lasts_as_long_as_its_evidence)
{
    again(NULL);
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    want_number("raised", d->incident_count, 1);
    observe(relayed(1, 1, 1600));
    want_number("last", d->incident[0].last_s, 1600);
    observe(relayed(1, 1, 1300)); /* a late line */
    want_number("still", d->incident[0].last_s, 1600);
}
END_TEST

START_TEST(cell_keeps_senders_and_samples_once)
{
    again(NULL);
    struct observation o = relayed(1, 1, 1000);
    queue_id_parse(SPAN("AAAAA01"), &o.id);
    observe(o);
    o.first = false; /* its second recipient */
    struct cell_ref ref = observe(o);
    const struct cell *cell = &run.p->detector.cell[ref.cell - 1];
    want_number("senders", cell_lists(cell)->senders.count, 1);
    want_number("sender", cell_lists(cell)->senders.entry[0].count, 2);
    want_number("samples", cell->rest->sample_count, 1);
}
END_TEST

START_TEST(kind_that_is_off_counts_nothing)
{
    again("[open-relay]\nenabled = no\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 100; i++)
        want_number("cell", observe(relayed(1, 1, 1000)).cell, 0);
    want_number("exempt", (int64_t)d->counters.exempt, 100);
    want_number("incidents", d->incident_count, 0);
}
END_TEST

/* A query does it in steps, and incidents may be raised between them. */
START_TEST(totals_are_summed_step_by_step)
{
    again(NULL);
    struct detector *d = &run.p->detector;
    struct totals totals[2] = {{0}};
    uint32_t at = 0;
    int steps = 1;
    for (int i = 0; i < 7; i++)
        observe(relayed(1, 1, 1000));
    for (int i = 0; i < 6; i++)
        observe(relayed(70000, 2, 1000));
    want_number("incidents", detector_incidents(d), 2);
    want_number("open", detector_open(d), 2);
    want_number("cells", detector_cells(d), 2);
    d->incident[0].base.recipients = 100; /* of cells evicted before */
    d->cell[0].totals.queued = 3;
    d->cell[0].totals.held = 2;
    while (detector_sum_totals(d, &at, 1, totals, 2))
        steps++;
    want_number("steps", steps, 2);
    const struct incident *incident = detector_next_incident(d, NULL);
    want_number("first", (int64_t)totals[detector_slot(d, incident)].recipients, 107);
    want_number("queued", (int64_t)totals[detector_slot(d, incident)].queued, 3);
    want_number("held", (int64_t)totals[detector_slot(d, incident)].held, 2);
    incident = detector_next_incident(d, incident);
    want_number("second", (int64_t)totals[detector_slot(d, incident)].recipients, 6);
    at = 0;
    memset(totals, 0, sizeof(totals));
    want_number("room for one", detector_sum_totals(d, &at, 10, totals, 1), false);
    want_number("the second is left out", (int64_t)totals[1].recipients, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("detector");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, keys_are_narrowest_first, levels);
    ADD_ROWS(tc, keys_have_the_names_of_the_contract, names);
    ADD_ROWS(tc, window_is_seen_in_twelve_buckets, buckets);
    tcase_add_test(tc, status_moves_from_one_count_to_the_other);
    tcase_add_test(tc, late_evidence_counts_in_its_own_time);
    tcase_add_test(tc, open_incident_lasts_as_long_as_its_evidence);
    tcase_add_test(tc, cell_keeps_senders_and_samples_once);
    tcase_add_test(tc, totals_are_summed_step_by_step);
    tcase_add_test(tc, kind_that_is_off_counts_nothing);
    return run_suite("detector", tc);
}
