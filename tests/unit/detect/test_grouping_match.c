/* SPDX-License-Identifier: MIT */
/* Which id an incident has, and what becomes of the incident. */
#include "grouping_harness.h"

START_TEST(folding_keeps_the_oldest_id)
{
    char id[INCIDENT_ID_MAX];

    send(5, "192.0.2.1", "a.example");
    strcpy(id, core_incident(&run)->id);
    run.now_s += 60;
    send(5, "192.0.3.1", "a.example");
    want_text("widened to a domain", core_incident(&run)->id, id);
    want_text("narrower", core_incident(&run)->narrower[0]->at, "192.0.2.1");
    run.now_s += 60;
    send(5, "192.0.4.1", "c.example");
    send(5, "192.0.5.1", "d.example");
    send(5, "192.0.6.1", "e.example");
    want_text("widened to the host", core_incident(&run)->id, id);
    want_number("level", core_incident(&run)->level, 3);
    want_number("raised", run.events[INCIDENT_RAISED], 3);
    want_number("raised at", core_incident(&run)->raised_s, CORE_BEGIN_S);
}
END_TEST

/* "192.0.2.0/24 192.0.3.1", of a botnet's first incident. asks: it is looked at after each message,
 * not only after the last. */
static void narrower_keys(bool asks, char *buf)
{
    static const char *const client[] = {
        "198.51.100.1", "203.0.113.1", "100.64.0.1", "100.64.1.1",  "192.0.2.1",
        "192.0.2.2",    "192.0.2.3",   "192.0.2.4",  "192.0.2.5",   "192.0.2.6",
        "198.51.100.2", "203.0.113.2", "100.64.0.2", "203.0.113.2", "203.0.113.3",
    };
    const struct incident *incident;

    for (size_t i = 0; i < sizeof(client) / sizeof(*client); i++) {
        send(1, client[i], "pills.example");
        if (asks)
            detector_group(&run.p->detector);
    }
    detector_group(&run.p->detector);
    incident = core_incident(&run);
    want_number("level", incident->level, 2);
    buf[0] = '\0';
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        sprintf(buf + strlen(buf), "%s%s", i ? " " : "", incident->narrower[i]->at);
}

START_TEST(narrower_keys_depend_on_the_evidence_only)
{
    char once[512], often[512];

    narrower_keys(false, once);
    core_end(&run);
    begin();
    narrower_keys(true, often);
    want_text("asked after each message", often, once);
    want_text("by share", once, "192.0.2.0/24");
}
END_TEST

START_TEST(narrower_keys_of_the_host_are_listed_by_share)
{
    static const char *const want[] = {"192.0.2.1", "192.0.10.1", "192.0.11.1", "192.0.7.1"};
    char client[32], domain[32];

    for (int i = 0; i < 11; i++) {
        snprintf(client, sizeof(client), "192.0.%d.1", i + 1);
        snprintf(domain, sizeof(domain), "spam%d.example", i);
        send(i == 1 ? 20 : 5 + i / 3, client, domain);
    }
    detector_group(&run.p->detector);
    const struct incident *incident = core_incident(&run);
    want_number("level", incident->level, 3);
    want_number("listed", incident->narrower_count, 8);
    want_number("more", incident->narrower_more, 3);
    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
        want_text("by share", incident->narrower[i]->at, want[i]);
}
END_TEST

/* The id depends on kind, host and first message; not on when it was raised or what came later. */
START_TEST(id_is_the_first_messages)
{
    char id[INCIDENT_ID_MAX];

    send(5, "192.0.2.1", "a.example");
    strcpy(id, core_incident(&run)->id);
    want_number("length", (int64_t)strlen(id), 3 + 12);
    want_number("prefix", strncmp(id, "or-", 3), 0);
    core_end(&run);
    core_begin(&run, "[open-relay]\nrecipients = 7\n");
    number = 0;
    run.now_s += 1000;
    send(7, "192.0.2.1", "a.example");
    want_text("another threshold and time", core_incident(&run)->id, id);
    core_end(&run);
    core_begin(&run, NULL);
    number = 1;
    send(5, "192.0.2.1", "a.example");
    ck_assert_msg(strcmp(core_incident(&run)->id, id) != 0, "another message: got the same id");
}
END_TEST

/* A message may have several recipients, and so be the first of several incidents. */
START_TEST(each_recipient_has_an_id_of_its_own)
{
    const struct incident *list[2];

    for (int i = 0; i < 100; i++)
        core_feed(&run,
                  "smtpd: B%07X: client=unknown[198.51.100.%d]\n"
                  "qmgr: B%07X: from=<>, size=1, nrcpt=2 (queue active)\n"
                  "local: B%07X: to=<bob@example.net>, relay=local, delay=1, dsn=2.0.0, "
                  "status=sent (x)\n"
                  "local: B%07X: to=<eve@customer.example>, relay=local, delay=1, dsn=2.0.0, "
                  "status=sent (x)",
                  i, i % 10, i, i, i);
    want_number("incidents", detector_incidents(&run.p->detector), 2);
    incidents_in_order(&run.p->detector, list);
    ck_assert_msg(strcmp(list[0]->id, list[1]->id) != 0, "two have the id %s", list[0]->id);
}
END_TEST

/* A day later it would be another one. */
START_TEST(ended_incident_is_reopened_when_its_key_crosses_again)
{
    char buf[2048];

    send(5, "192.0.2.1", "a.example");
    run.now_s += 3601;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    want_number("ended", run.events[INCIDENT_OVER], 1);
    send(4, "192.0.2.1", "a.example");
    want_text("not yet", incidents(buf), "client 192.0.2.1 5");
    send(1, "192.0.2.1", "a.example");
    want_text("again", incidents(buf), "client 192.0.2.1 10");
    want_number("reopened", run.events[INCIDENT_REOPENED], 1);
    want_number("raised", run.events[INCIDENT_RAISED], 1);
}
END_TEST

START_TEST(after_a_day_it_is_another_incident)
{
    char buf[2048];

    send(5, "192.0.2.1", "a.example");
    run.now_s += 3601;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    run.now_s += 24 * 3600;
    send(5, "192.0.2.1", "a.example");
    want_text("two", incidents(buf), "client 192.0.2.1 5, client 192.0.2.1 5");
    want_number("reopened", run.events[INCIDENT_REOPENED], 0);
}
END_TEST

/* Late deliveries still change an ended incident's figures. */
START_TEST(ended_incident_counts_late_deliveries)
{
    struct incident_view view;

    send(5, "192.0.2.1", "a.example");
    run.now_s += 4000;
    core_feed(&run, "smtp: A0000000: to=<u0@victim.example>, relay=x[198.51.100.1]:25, delay=1, "
                    "status=sent (Ok)\nqmgr: A0000000: removed");
    want_number("ended", run.events[INCIDENT_OVER], 1);
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("sent", (int64_t)view.totals.sent, 1);
    want_number("deferred", (int64_t)view.totals.deferred, 4);
    want_number("queued", (int64_t)view.totals.queued, 4);
    incident_view_done(&view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("grouping_match");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, folding_keeps_the_oldest_id);
    tcase_add_test(tc, narrower_keys_depend_on_the_evidence_only);
    tcase_add_test(tc, narrower_keys_of_the_host_are_listed_by_share);
    tcase_add_test(tc, id_is_the_first_messages);
    tcase_add_test(tc, each_recipient_has_an_id_of_its_own);
    tcase_add_test(tc, ended_incident_is_reopened_when_its_key_crosses_again);
    tcase_add_test(tc, after_a_day_it_is_another_incident);
    tcase_add_test(tc, ended_incident_counts_late_deliveries);
    return run_suite("grouping_match", tc);
}
