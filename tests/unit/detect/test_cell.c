/* SPDX-License-Identifier: MIT */
/* Cells at their bound, and references to cells that are gone. */
#include "detector_run.h"
#include "detect/cell.h"

START_TEST(reference_to_a_freed_cell_is_ignored)
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

/* They are cut where they are kept, and stay two: in their cells, and as incidents. */
START_TEST(long_texts_that_begin_alike_are_told_apart)
{
    char one[1800], two[1800];
    struct observation o = relayed(1, 1, 1000);

    memset(one, 'x', sizeof(one));
    memset(two, 'x', sizeof(two));
    one[1000] = 'y';
    o.kind = _i ? KIND_ACCOUNT_ABUSE : KIND_BACKSCATTER_VICTIM;
    again("[account-abuse]\nrecipients = 2\n[backscatter-victim]\nmessages = 2\nclients = 1\n");
    for (int i = 0; i < 4; i++) {
        o.recipient = o.account = span_of(i % 2 ? one : two, sizeof(one));
        observe(o);
    }
    want_number("cells", run.p->detector.cell_used, 2);
    want_number("raised", run.events[INCIDENT_RAISED], 2);
}
END_TEST

/* Clients and domains that are never seen twice, too slow to become an incident on the host. */
START_TEST(flood_of_cells_stays_inside_its_bound)
{
    again("[limits]\ncells = 64\n[open-relay]\nrecipients = 100000\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 20000; i++) {
        observe(relayed(i, i, CORE_BEGIN_S + (uint32_t)i));
        ck_assert_msg(d->cell_used <= 64 && d->cell_count <= 64 && d->level_used <= 512,
                      "after %d: got %u cells, %u keys", i, d->cell_used, d->level_used);
    }
    want_number("cells", d->cell_used, 64);
    want_number("evicted", (int64_t)d->counters.cells_evicted, 20000 - 64);
    ck_assert_msg(d->counters.keys_refused > 0, "keys refused: got 0, want some");
    /* Evicted cells leave no texts. 64 cells have a client, its name, a sender and its domain each,
     * and the memo of registrable domains holds some. */
    uint32_t texts = 64 * 4 + 2 * DOMAIN_MEMOS + 20;
    ck_assert_msg(run.p->texts.used <= texts, "texts: got %u, want at most %u", run.p->texts.used,
                  texts);
}
END_TEST

/* A late status of an earlier run's recipient does not change the next run's counts. */
START_TEST(late_status_of_an_old_run)
{
    again("[open-relay]\nrecipients = 100000\n");
    struct detector *d = &run.p->detector;
    struct observation o = relayed(1, 1, 100000);
    o.status = STATUS_DEFERRED;
    struct cell_ref ref = observe(o);
    detector_queue(d, ref, 1, 0);
    observe(relayed(1, 1, 104000));
    detector_status(d, ref, STATUS_DEFERRED, STATUS_SENT, 104001);
    want_number("deferred", (int64_t)d->cell[ref.cell - 1].totals.deferred, 0);
    want_number("sent", (int64_t)d->cell[ref.cell - 1].totals.sent, 1);
}
END_TEST

/* Cells of an open incident are worth more than cells that no incident holds. */
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

/* One incident that sees everything: each of its lists has a bound. */
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
    const struct lists *lists = cell_lists(cell);
    want_number("clients", lists->clients.count, TALLY_CLIENTS_MAX);
    want_number("more clients", (int64_t)lists->clients.more, 30000 - TALLY_CLIENTS_MAX);
    ck_assert_msg(
        lists->senders.count <= TALLY_MAX && cell->rest->recipient_domains.count <= TALLY_MAX &&
            lists->sender_domains.count <= TALLY_MAX && lists->networks.count <= TALLY_MAX,
        "lists: got %u, %u, %u, %u, want at most %d", lists->senders.count,
        cell->rest->recipient_domains.count, lists->sender_domains.count, lists->networks.count,
        TALLY_MAX);
    want_number("messages", (int64_t)cell->totals.messages, 30000);
    want_number("samples", cell->rest->sample_count, SAMPLES_MAX);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cell");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, long_texts_that_begin_alike_are_told_apart, 0, 2);
    tcase_add_test(tc, reference_to_a_freed_cell_is_ignored);
    tcase_add_test(tc, flood_of_cells_stays_inside_its_bound);
    tcase_add_test(tc, late_status_of_an_old_run);
    tcase_add_test(tc, flood_does_not_wash_an_incident_away);
    tcase_add_test(tc, flood_of_values_stays_inside_its_bound);
    return run_suite("cell", tc);
}
