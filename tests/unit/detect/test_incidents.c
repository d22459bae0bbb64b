/* SPDX-License-Identifier: MIT */
/* Incidents at their bound. */
#include "detect/cell.h"
#include "detect/incidents.h"
#include "detect/scope.h"
#include "detect/ticks.h"
#include "detector_run.h"

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
    want_number("key", incident_key_type(incident), KEY_CLIENT);
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

/* It may have become due long ago; after the tick nothing is overdue. */
START_TEST(next_tick_is_known)
{
    uint32_t at = CORE_BEGIN_S + 60;

    again("[alert]\nend_after = 1h\nupdate_every = 15m\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 10; i++)
        observe(relayed(1, 1, at));
    detector_tick(d, 0, at);
    want_number("grouped when it was raised", detector_next_tick(d, 0) - at, 60);
    detector_tick(d, 0, at + 130);
    observe(relayed(1, 1, at + 130));
    want_number("overdue", detector_next_tick(d, 0) - at, 60);
    detector_tick(d, 0, at + 131);
    want_number("grouped: the update is next", detector_next_tick(d, 0) - at, 900);
}
END_TEST

/* Several cells of one incident, each of whose messages fared in its own way. */
START_TEST(totals_are_the_sum_of_the_cells)
{
    static const enum status how[] = {STATUS_SENT,    STATUS_DEFERRED, STATUS_BOUNCED,
                                      STATUS_BOUNCED, STATUS_DEFERRED, STATUS_BOUNCED};

    again(NULL);
    for (int i = 0; i < COUNT(how); i++) {
        struct observation o = relayed(1, i / 2, 1000 + (uint32_t)i);
        o.status = how[i];
        observe(o);
    }
    struct incident_view view;
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("messages", (int64_t)view.totals.messages, 6);
    want_number("sent", (int64_t)view.totals.sent, 1);
    want_number("deferred", (int64_t)view.totals.deferred, 2);
    want_number("bounced", (int64_t)view.totals.bounced, 3);
    want_number("first", view.totals.first_s, 1000);
    want_number("last", view.totals.last_s, 1005);
    incident_view_done(&view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("incidents");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, says_which_incident_holds_a_cell);
    tcase_add_test(tc, flood_of_incidents_stays_inside_its_bound);
    tcase_add_test(tc, next_tick_is_known);
    tcase_add_test(tc, totals_are_the_sum_of_the_cells);
    return run_suite("detector_incidents", tc);
}
