/* SPDX-License-Identifier: MIT */
/* Thresholds and bounds; which cells make which incident is in test_settle.c. */
#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static void again(const char *ini)
{
    core_end(&run);
    core_begin(&run, ini);
    core_feed(&run, "qmgr: AAAAA01: removed"); /* host 0 is mx1 */
}

/* --- thresholds, at their defaults -------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum kind kind;
    enum key_type type;
    uint64_t measure[MEASURES], clients, networks;
    bool crosses;
} rows[] = {
    {"relay 4", KIND_OPEN_RELAY, KEY_CLIENT, {4}, 1, 0, false},
    {"relay 5", KIND_OPEN_RELAY, KEY_CLIENT, {5}, 1, 0, true},
    {"relay of a network 5", KIND_OPEN_RELAY, KEY_NETWORK, {5}, 1, 0, true},
    {"relay of a domain 5", KIND_OPEN_RELAY, KEY_SENDER_DOMAIN, {5}, 1, 0, true},
    {"relay of a host 19", KIND_OPEN_RELAY, KEY_HOST, {19}, 1, 0, false},
    {"relay of a host 20", KIND_OPEN_RELAY, KEY_HOST, {20}, 1, 0, true},
    {"account 199", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {199}, 1, 1, false},
    {"account 200", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {200}, 1, 1, true},
    {"account 50 from 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {50}, 10, 10, true},
    {"account 49 from 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {49}, 10, 10, false},
    {"account 50 from 9", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {50}, 9, 9, false},
    {"account refused 50 of 166", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {166, 50}, 1, 1, true},
    {"account refused 50 of 167", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {167, 50}, 1, 1, false},
    {"account refused 49 of 49", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {49, 49}, 1, 1, false},
    {"account null sender 9", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {9, 0, 9}, 1, 1, false},
    {"account null sender 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {10, 0, 10}, 1, 1, true},
    {"uid 199", KIND_LOCAL_ABUSE, KEY_UID, {199}, 0, 0, false},
    {"uid 200", KIND_LOCAL_ABUSE, KEY_UID, {200}, 0, 0, true},
    {"trusted 1999", KIND_TRUSTED_RELAY, KEY_CLIENT, {1999, 99}, 1, 0, false},
    {"trusted 2000", KIND_TRUSTED_RELAY, KEY_CLIENT, {2000, 0}, 1, 0, true},
    {"trusted 100 foreign", KIND_TRUSTED_RELAY, KEY_CLIENT, {100, 100}, 1, 0, true},
    {"trusted host 7999", KIND_TRUSTED_RELAY, KEY_HOST, {7999, 399}, 1, 0, false},
    {"trusted host 8000", KIND_TRUSTED_RELAY, KEY_HOST, {8000, 0}, 1, 0, true},
    {"trusted host 400 foreign", KIND_TRUSTED_RELAY, KEY_HOST, {400, 400}, 1, 0, true},
    {"notices 19", KIND_BACKSCATTER_SOURCE, KEY_CLIENT, {19}, 1, 0, false},
    {"notices 20", KIND_BACKSCATTER_SOURCE, KEY_CLIENT, {20}, 1, 0, true},
    {"notices of a host 19", KIND_BACKSCATTER_SOURCE, KEY_HOST, {19}, 1, 0, false},
    {"notices of a host 20", KIND_BACKSCATTER_SOURCE, KEY_HOST, {20}, 1, 0, true},
    {"victim 100 from 10", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, {100}, 10, 0, true},
    {"victim 99 from 10", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, {99}, 10, 0, false},
    {"victim 100 from 9", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, {100}, 9, 0, false},
    {"victim domain 399", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT_DOMAIN, {399}, 99, 0, false},
    {"victim domain 400", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT_DOMAIN, {400}, 10, 0, true},
};

START_TEST(threshold_is_crossed)
{
    const struct detector *d = &run.p->detector;

    want_number(rows[_i].name,
                detector_crosses(d, &run.settings.kind[rows[_i].kind], rows[_i].kind, rows[_i].type,
                                 rows[_i].measure, rows[_i].clients, rows[_i].networks),
                rows[_i].crosses);
}
END_TEST

static const struct {
    const char *name;
    enum kind kind;
    enum key_type levels[5];
} levels[] = {
    {"open-relay",
     KIND_OPEN_RELAY,
     {KEY_CLIENT, KEY_NETWORK, KEY_SENDER_DOMAIN, KEY_HOST, KEY_NONE}},
    {"account-abuse", KIND_ACCOUNT_ABUSE, {KEY_ACCOUNT}},
    {"local-abuse", KIND_LOCAL_ABUSE, {KEY_UID}},
    {"trusted-relay", KIND_TRUSTED_RELAY, {KEY_CLIENT, KEY_HOST}},
    {"backscatter-source", KIND_BACKSCATTER_SOURCE, {KEY_CLIENT, KEY_NETWORK, KEY_HOST}},
    {"backscatter-victim", KIND_BACKSCATTER_VICTIM, {KEY_RECIPIENT, KEY_RECIPIENT_DOMAIN}},
};

START_TEST(keys_are_narrowest_first)
{
    for (int i = 0; i < 5; i++)
        want_number(levels[_i].name, detector_level(levels[_i].kind, i), levels[_i].levels[i]);
}
END_TEST

static const struct {
    enum key_type type;
    const char *name;
} names[] = {
    {KEY_CLIENT, "client"},
    {KEY_NETWORK, "client_network"},
    {KEY_SENDER_DOMAIN, "sender_domain"},
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

    want_number(buckets[_i].name, detector_bucket(&th, buckets[_i].now_s), buckets[_i].bucket);
}
END_TEST

/* --- what is counted ------------------------------------------------------------------------------------ */

static struct observation relayed(int client, int domain, uint32_t at_s)
{
    static char ring[4][64];
    static int next;
    char *c = ring[next++ % 4], *s = ring[next++ % 4];

    snprintf(c, 64, "unknown[100.%d.%d.%d]", client / 65536 % 256, client / 256 % 256,
             client % 256);
    snprintf(s, 64, "a@spam%d.example", domain);
    return (struct observation){.kind = KIND_OPEN_RELAY,
                                .at_s = at_s,
                                .client = span_str(c),
                                .sender = span_str(s),
                                .recipient_domain = SPAN("victim.example"),
                                .status = STATUS_SENT,
                                .first = true,
                                .counts = true};
}

static struct cell_ref observe(struct observation o)
{
    return detector_observe(&run.p->detector, &o);
}

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
    detector_queue(d, ref, 1, 1);
    detector_queue(d, ref, 0, -1);
    want_number("queued", (int64_t)t->queued, 1);
    want_number("held", (int64_t)t->held, 0);
}
END_TEST

START_TEST(cell_that_is_gone_is_passed_over)
{
    again("[limits]\ncells = 64\n");
    struct detector *d = &run.p->detector;
    struct cell_ref ref = observe(relayed(1, 1, 1000));
    for (int i = 2; i < 2000; i++)
        observe(relayed(i, i, 1000 + (uint32_t)i));
    detector_status(d, ref, STATUS_SENT, STATUS_BOUNCED, 5000);
    detector_queue(d, ref, 1, 0);
    ck_assert_ptr_null(detector_incident_of(d, ref));
    for (uint32_t i = 0; i < d->cell_count; i++)
        want_number("bounced", d->cell[i].key ? (int64_t)d->cell[i].totals.bounced : 0, 0);
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
    observe(relayed(1, 1, 100000 - 100000)); /* long over, and its bucket is taken or another's */
    want_number("a day late", d->incident_count, 0);
    observe(relayed(1, 1, 100000));
    want_number("five", d->incident_count, 1);
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

START_TEST(says_which_incident_holds_a_cell)
{
    struct cell_ref first, last;

    again(NULL);
    first = observe(relayed(1, 1, 1000));
    ck_assert_ptr_null(detector_incident_of(&run.p->detector, first));
    for (int i = 0; i < 3; i++)
        observe(relayed(1, 1, 1000));
    last = observe(relayed(1, 2, 1000));
    const struct incident *incident = detector_incident_of(&run.p->detector, first);
    ck_assert_ptr_nonnull(incident);
    ck_assert_ptr_eq(detector_incident_of(&run.p->detector, last), incident);
    want_number("key", detector_key_type(incident), KEY_CLIENT);
}
END_TEST

/* --- bounds --------------------------------------------------------------------------------------------- */

/* Clients and domains that are never seen twice, too slow to be an incident of a host. */
START_TEST(flood_of_cells_stays_inside_its_bound)
{
    again("[limits]\ncells = 64\n[open-relay]\nrecipients = 100000\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 20000; i++) {
        observe(relayed(i, i, 100000 + (uint32_t)i));
        ck_assert_msg(d->cell_used <= 64 && d->cell_count <= 64 && d->level_used <= 512,
                      "after %d: got %u cells, %u keys", i, d->cell_used, d->level_used);
    }
    want_number("cells", d->cell_used, 64);
    want_number("evicted", (int64_t)d->counters.cells_evicted, 20000 - 64);
    ck_assert_msg(d->counters.keys_refused > 0, "keys refused: got 0, want some");
    /* Nothing is left of what was given up: a client, its name, a sender and its domain for each of
     * 64; what was worked out for domains is kept for a while too. */
    uint32_t texts = 64 * 4 + 2 * DOMAIN_MEMOS + 20;
    ck_assert_msg(run.p->texts.used <= texts, "texts: got %u, want at most %u", run.p->texts.used,
                  texts);
}
END_TEST

/* What an incident holds is dearer than what nobody asked for. */
START_TEST(flood_does_not_wash_an_incident_away)
{
    struct cell_ref ref;

    again("[limits]\ncells = 64\n[open-relay]\nwide_factor = 1000\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 50; i++)
        ref = observe(relayed(1, 1, 100000));
    for (int i = 10; i < 3000; i++)
        observe(relayed(i * 256, i, 100001));
    const struct incident *incident = detector_incident_of(d, ref);
    ck_assert_ptr_nonnull(incident);
    want_text("key", incident->key_text->at, "100.0.0.1");
    want_number("messages", (int64_t)d->cell[ref.cell - 1].totals.messages, 50);
}
END_TEST

START_TEST(flood_of_incidents_stays_inside_its_bound)
{
    char account[32];

    again("[limits]\nincidents = 10\n[account-abuse]\nrecipients = 1\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 1000; i++) {
        snprintf(account, sizeof(account), "user%d", i);
        struct observation o = {.kind = KIND_ACCOUNT_ABUSE,
                                .at_s = 100000 + (uint32_t)i,
                                .client = SPAN("a[192.0.2.1]"),
                                .account = span_str(account),
                                .recipient_domain = SPAN("victim.example"),
                                .first = true,
                                .counts = true};
        observe(o);
        ck_assert_msg(d->incident_count <= 10, "after %d: got %u", i, d->incident_count);
    }
    want_number("raised", run.events[INCIDENT_RAISED], 1000);
    want_number("evicted", (int64_t)d->counters.incidents_evicted, 990);
    const struct incident *list[10];
    want_number("listed", incidents_in_order(d, list), 10);
    want_text("oldest left", list[0]->key_text->at, "user990");
    want_text("youngest", list[9]->key_text->at, "user999");
}
END_TEST

/* One incident that sees everything: what it remembers of each list has a bound. */
START_TEST(flood_of_values_stays_inside_its_bound)
{
    again("[account-abuse]\nrecipients = 1\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 30000; i++) {
        char client[64], sender[64], domain[64];
        snprintf(client, sizeof(client), "a[10.%d.%d.%d]", i / 65536, i / 256 % 256, i % 256);
        snprintf(sender, sizeof(sender), "s%d@x%d.example", i, i);
        snprintf(domain, sizeof(domain), "y%d.example", i);
        struct observation o = {.kind = KIND_ACCOUNT_ABUSE,
                                .at_s = 100000,
                                .client = span_str(client),
                                .sender = span_str(sender),
                                .account = SPAN("bob"),
                                .recipient_domain = span_str(domain),
                                .first = true,
                                .counts = true};
        observe(o);
    }
    const struct cell *cell = &d->cell[0];
    want_number("clients", cell->clients.count, TALLY_CLIENTS_MAX);
    want_number("more clients", (int64_t)cell->clients.more, 30000 - TALLY_CLIENTS_MAX);
    ck_assert_msg(cell->senders.count <= TALLY_MAX && cell->recipient_domains.count <= TALLY_MAX &&
                      cell->sender_domains.count <= TALLY_MAX && cell->networks.count <= TALLY_MAX,
                  "lists: got %u, %u, %u, %u, want at most %d", cell->senders.count,
                  cell->recipient_domains.count, cell->sender_domains.count, cell->networks.count,
                  TALLY_MAX);
    want_number("messages", (int64_t)cell->totals.messages, 30000);
    want_number("samples", cell->sample_count, SAMPLES_MAX);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("detector");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, threshold_is_crossed, rows);
    ADD_ROWS(tc, keys_are_narrowest_first, levels);
    ADD_ROWS(tc, keys_have_the_names_of_the_contract, names);
    ADD_ROWS(tc, window_is_seen_in_twelve_buckets, buckets);
    tcase_add_test(tc, status_moves_from_one_count_to_the_other);
    tcase_add_test(tc, cell_that_is_gone_is_passed_over);
    tcase_add_test(tc, late_evidence_counts_in_its_own_time);
    tcase_add_test(tc, kind_that_is_off_counts_nothing);
    tcase_add_test(tc, says_which_incident_holds_a_cell);
    tcase_add_test(tc, flood_of_cells_stays_inside_its_bound);
    tcase_add_test(tc, flood_does_not_wash_an_incident_away);
    tcase_add_test(tc, flood_of_incidents_stays_inside_its_bound);
    tcase_add_test(tc, flood_of_values_stays_inside_its_bound);
    return run_suite("detector", tc);
}
