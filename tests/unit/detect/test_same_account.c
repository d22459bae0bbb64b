/* SPDX-License-Identifier: MIT */
#include "detect/same_account.h"

#include "detect/detector.h"
#include "detect/ticks.h"
#include "detector_run.h"

enum { BEGIN_S = 100000, HOUR_S = 3600 };

static struct cell_ref sent(const char *account, uint32_t at_s)
{
    return observe((struct observation){.kind = KIND_ACCOUNT_ABUSE,
                                        .at_s = at_s,
                                        .client = SPAN("home[192.0.2.1]"),
                                        .account = span_str(account),
                                        .recipient_domain = SPAN("gmail.com"),
                                        .status = STATUS_SENT,
                                        .first = true,
                                        .counts = true});
}

static void send(const char *account, int n, uint32_t at_s)
{
    for (int i = 0; i < n; i++)
        sent(account, at_s);
}

static bool join(void)
{
    return detector_same_account(&run.p->detector, SPAN("bob"), SPAN("bob@a.example"));
}

static void few(void)
{
    again("[account-abuse]\nrecipients = 10\n");
}

START_TEST(evidence_goes_to_the_account)
{
    few();
    send("bob", 6, BEGIN_S);
    struct cell_ref ref = sent("bob", BEGIN_S);
    want_number("joined", join(), true);
    want_number("the cell stays", detector_incident_of(&run.p->detector, ref) == NULL, true);
    send("bob@a.example", 2, BEGIN_S);
    want_number("nine", detector_incidents(&run.p->detector), 0);
    sent("bob@a.example", BEGIN_S);
    const struct incident *incident = core_incident(&run);
    ck_assert(span_equal(intern_span(incident->key_text), SPAN("bob@a.example")));
    ck_assert_ptr_eq(detector_incident_of(&run.p->detector, ref), incident);
    want_number("cells", detector_cells(&run.p->detector), 1);
}
END_TEST

/* Of the hour, and of a day's runs. */
START_TEST(earlier_runs_go_along)
{
    again("[account-abuse]\nrecipients = 10\nday_factor = 2\n");
    send("bob", 9, BEGIN_S);
    send("bob", 9, BEGIN_S + 3 * HOUR_S);
    want_number("two runs", detector_cells(&run.p->detector), 2);
    want_number("joined", join(), true);
    send("bob@a.example", 1, BEGIN_S + 5 * HOUR_S);
    want_number("nineteen in a day", detector_incidents(&run.p->detector), 0);
    send("bob@a.example", 1, BEGIN_S + 5 * HOUR_S);
    struct incident_view view;
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("of all runs", (int64_t)view.totals.recipients, 20);
    incident_view_done(&view);
}
END_TEST

START_TEST(open_incident_goes_along)
{
    few();
    send("bob", 10, BEGIN_S);
    const struct incident *incident = core_incident(&run);
    want_number("joined", join(), true);
    ck_assert(span_equal(intern_span(incident->key_text), SPAN("bob@a.example")));
    send("bob@a.example", 5, BEGIN_S);
    struct incident_view view;
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("goes on", (int64_t)view.totals.recipients, 15);
    incident_view_done(&view);
}
END_TEST

START_TEST(ended_incident_opens_again)
{
    few();
    send("bob", 10, BEGIN_S);
    detector_tick(&run.p->detector, 0, BEGIN_S + 2 * HOUR_S);
    want_number("ended", core_incident(&run)->state, INCIDENT_ENDED);
    want_number("joined", join(), true);
    send("bob@a.example", 10, BEGIN_S + 3 * HOUR_S);
    want_number("incidents", detector_incidents(&run.p->detector), 1);
    want_number("reopened", core_incident(&run)->reopened, 1);
}
END_TEST

START_TEST(both_are_counted_anew)
{
    few();
    want_number("neither", join(), true);
    sent("bob@a.example", BEGIN_S);
    want_number("one", join(), true);
    sent("bob", BEGIN_S);
    want_number("both", join(), false);
    want_number("they stay", detector_cells(&run.p->detector), 2);
    want_number("known", detector_knows_account(&run.p->detector, SPAN("BOB")), true);
    want_number("not known", detector_knows_account(&run.p->detector, SPAN("rob")), false);
}
END_TEST

START_TEST(override_is_found_by_either_name)
{
    again("[account-abuse]\nrecipients = 10\n[account-abuse bob]\nrecipients = 20\n");
    struct observation o = {.kind = KIND_ACCOUNT_ABUSE,
                            .at_s = BEGIN_S,
                            .account = SPAN("bob@a.example"),
                            .recipient_domain = SPAN("gmail.com"),
                            .first = true,
                            .counts = true,
                            .has_two_logins = true};
    for (int i = 0; i < 19; i++)
        observe(o);
    want_number("nineteen", detector_incidents(&run.p->detector), 0);
    observe(o);
    want_number("twenty", detector_incidents(&run.p->detector), 1);
    o.account = SPAN("bob@b.example");
    o.has_two_logins = false;
    for (int i = 0; i < 10; i++)
        observe(o);
    want_number("another's", detector_incidents(&run.p->detector), 2);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("same_account");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, evidence_goes_to_the_account);
    tcase_add_test(tc, earlier_runs_go_along);
    tcase_add_test(tc, open_incident_goes_along);
    tcase_add_test(tc, ended_incident_opens_again);
    tcase_add_test(tc, both_are_counted_anew);
    tcase_add_test(tc, override_is_found_by_either_name);
    return run_suite("same_account", tc);
}
