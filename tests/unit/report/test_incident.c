/* SPDX-License-Identifier: MIT */
#include "relay_run.h"

START_TEST(lists_are_sorted_by_frequency_then_name)
{
    relay(2, "a[192.0.2.1]", "a@two.example", "b.example");
    relay(3, "a[192.0.2.1]", "a@three.example", "c.example");
    relay(2, "a[192.0.2.1]", "b@also.two.example", "a.example");
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("clients", (int64_t)view.clients, 1);
    want_text("domain", view.sender_domains.entry[0].text->at, "two.example");
    want_number("domain", view.sender_domains.entry[0].count, 4);
    want_text("domain", view.sender_domains.entry[1].text->at, "three.example");
    want_text("recipients", view.recipient_domains.entry[0].text->at, "c.example");
    want_text("recipients", view.recipient_domains.entry[1].text->at, "a.example");
    want_text("recipients", view.recipient_domains.entry[2].text->at, "b.example");
    incident_view_done(&view);
}
END_TEST

START_TEST(samples_are_the_first_ones)
{
    char buf[QUEUE_ID_TEXT_MAX];

    relay(20, "a[192.0.2.1]", "a@two.example", "b.example");
    relay(20, "a[192.0.2.1]", "a@three.example", "b.example");
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("samples", view.sample_count, VIEW_SAMPLES_MAX);
    want_text("first", queue_id_print(view.sample[0].id, buf), "A0000000");
    want_text("message-id", view.sample[0].message_id->at, "<0@x>");
    want_text("last of the first domain", queue_id_print(view.sample[4].id, buf), "A0000004");
    want_text("first of the second", queue_id_print(view.sample[5].id, buf), "A0000014");
    want_text("last", queue_id_print(view.sample[9].id, buf), "A0000018");
    incident_view_done(&view);
}
END_TEST

START_TEST(found_by_its_id)
{
    relay(5, "a[192.0.2.1]", "a@two.example", "b.example");
    const struct incident *one = core_incident(&run);

    ck_assert_ptr_eq(incident_by_id(&run.p->detector, span_str(one->id)), one);
    ck_assert_ptr_null(incident_by_id(&run.p->detector, SPAN("or-000000000000")));
    ck_assert_ptr_null(incident_by_id(&run.p->detector, SPAN("")));
}
END_TEST

START_TEST(listed_in_the_order_they_were_raised)
{
    const struct incident *list[8];

    relay(4, "a[192.0.2.1]", "a@one.example", "b.example");
    relay(5, "a[192.0.3.1]", "a@two.example", "b.example");
    relay(1, "a[192.0.2.1]", "a@one.example", "b.example");
    want_number("incidents", incidents_in_order(&run.p->detector, list), 2);
    want_text("first", list[0]->key_text->at, "192.0.3.1");
    want_text("second", list[1]->key_text->at, "192.0.2.1");
}
END_TEST

/* Evicted cells are still in the totals. */
START_TEST(totals_include_evicted_cells)
{
    core_end(&run);
    core_begin(&run, "[limits]\ncells = 64\n");
    char client[32];

    for (int i = 0; i < 300; i++) {
        snprintf(client, sizeof(client), "a[100.%d.%d.1]", i / 250, i % 250);
        relay(1, client, "a@one.example", "b.example");
        run.now_s += 61; /* the incident takes the cell in before it is evicted */
        pipeline_tick(run.p, run.now_s * US_PER_S);
    }
    detector_group(&run.p->detector);
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("messages", (int64_t)view.totals.messages, 300);
    want_number("clients", (int64_t)view.clients, 300);
    want_number("first", view.totals.first_s, CORE_BEGIN_S);
    incident_view_done(&view);
}
END_TEST

START_TEST(events_have_names)
{
    want_text("raised", incident_event_name(INCIDENT_RAISED), "raised");
    want_text("widened", incident_event_name(INCIDENT_WIDENED), "widened");
    want_text("updated", incident_event_name(INCIDENT_UPDATED), "updated");
    want_text("ended", incident_event_name(INCIDENT_OVER), "ended");
    want_text("withdrawn", incident_event_name(INCIDENT_WITHDRAWN), "withdrawn");
    want_text("reopened", incident_event_name(INCIDENT_REOPENED), "reopened");
    want_text("closed", incident_event_name(INCIDENT_CLOSED), "closed");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("incident");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, lists_are_sorted_by_frequency_then_name);
    tcase_add_test(tc, samples_are_the_first_ones);
    tcase_add_test(tc, found_by_its_id);
    tcase_add_test(tc, listed_in_the_order_they_were_raised);
    tcase_add_test(tc, totals_include_evicted_cells);
    tcase_add_test(tc, events_have_names);
    return run_suite("incident", tc);
}
