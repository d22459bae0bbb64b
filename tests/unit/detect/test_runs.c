/* SPDX-License-Identifier: MIT */
/* Runs of evidence with an hour's silence between them: what an incident of the day has, and what
 * one of the hour leaves out. */
#include "detect/runs.h"
#include "detect/crossing.h"

#include "detect/detector.h"
#include "report/incident.h"

#include "detector_run.h"

static const uint32_t morning = CORE_BEGIN_S + 60;

static struct observation stolen(uint32_t at_s)
{
    return (struct observation){.kind = KIND_ACCOUNT_ABUSE,
                                .at_s = at_s,
                                .client = SPAN("unknown[203.0.113.5]"),
                                .sender = SPAN("bob@example.net"),
                                .account = SPAN("bob"),
                                .recipient_domain = SPAN("victim.example"),
                                .status = STATUS_DEFERRED,
                                .first = true,
                                .counts = true};
}

/* `n` messages, one a second; the last one's cell. */
static struct cell_ref send(uint32_t at_s, int n)
{
    struct cell_ref ref = {0, 0};

    for (int i = 0; i < n; i++)
        ref = observe(stolen(at_s + (uint32_t)i));
    return ref;
}

/* The totals of the only incident. */
static struct totals totals(void)
{
    struct detector *d = &run.p->detector;
    struct totals sums[4] = {{0}};
    uint32_t at = 0;

    want_number("incidents", detector_incidents(d), 1);
    detector_sum_totals(d, &at, d->cell_count, sums, COUNT(sums));
    return sums[0];
}

static const struct {
    const char *name;
    int runs, each;
    uint32_t every_s;
    int messages; /* of the incident; 0: none */
} rows[] = {
    {"six runs of a hundred, two hours apart", 6, 100, 7200, 600},
    {"and one message fewer in each", 6, 99, 7200, 0},
    {"seven of 99", 7, 99, 7200, 693},
    {"two a day apart", 2, 199, 86400, 0},
    {"one in an hour", 1, 200, 7200, 200},
    {"three times an attack of an hour", 3, 200, 7200, 600},
};

START_TEST(slow_attack)
{
    for (int i = 0; i < rows[_i].runs; i++)
        send(morning + (uint32_t)i * rows[_i].every_s, rows[_i].each);
    want_number(rows[_i].name, detector_incidents(&run.p->detector), rows[_i].messages > 0);
    if (rows[_i].messages)
        want_number(rows[_i].name, totals().messages, rows[_i].messages);
}
END_TEST

START_TEST(what_crossed_is_said)
{
    for (uint32_t i = 0; i < 6; i++)
        send(morning + i * 7200, 100);
    const struct crossing *crossing = &run.p->detector.incident[0].crossing;
    want_text("measure", crossed_name(crossing->what), "recipients");
    want_number("value", crossing->value, 600);
    want_number("threshold", crossing->threshold, 600);
    want_number("window", crossing->window_s, 86400);
    want_number("first seen", totals().first_s, morning);
}
END_TEST

START_TEST(the_mornings_mail_is_no_part_of_the_attack)
{
    send(morning, 150);
    send(morning + 7200, 200);
    want_number("messages", totals().messages, 200);
    want_number("first seen", totals().first_s, morning + 7200);
    want_text("window", crossed_name(run.p->detector.incident[0].crossing.what), "recipients");
    want_number("window", run.p->detector.incident[0].crossing.window_s, 3600);
}
END_TEST

/* What is still in the queue refers to the cell of its own run. */
START_TEST(statuses_change_in_their_own_run)
{
    struct detector *d = &run.p->detector;
    struct cell_ref first = send(morning, 100);
    detector_queue(d, first, 3, 0);
    for (uint32_t i = 1; i < 6; i++)
        send(morning + i * 7200, 100);
    detector_status(d, first, STATUS_DEFERRED, STATUS_SENT, morning + 50000);
    detector_queue(d, first, -1, 0);
    want_number("sent", totals().sent, 1);
    want_number("deferred", totals().deferred, 599);
    want_number("queued", totals().queued, 2);
}
END_TEST

START_TEST(earlier_runs_take_one_cell)
{
    for (uint32_t i = 0; i < 12; i++)
        send(morning + i * 4000, 10);
    want_number("cells", run.p->detector.cell_used, 2);
    struct cell *parked = &run.p->detector.cell[0];
    parked = parked->parked ? parked : &run.p->detector.cell[1];
    want_number("messages", parked->totals.messages, 110);
    want_number("samples", parked->rest->sample_count, SAMPLES_MAX);
    want_number("first seen", parked->totals.first_s, morning);
    sweep(morning + 44000, morning + 44000 + 86400 + 3600 + 1200);
    want_number("a day later", run.p->detector.cell_used, 0);
}
END_TEST

START_TEST(no_day_no_parking)
{
    again("[account-abuse]\nday_factor = 0\n");
    for (uint32_t i = 0; i < 12; i++)
        send(morning + i * 7200, 199);
    want_number("incidents", detector_incidents(&run.p->detector), 0);
    want_number("cells", run.p->detector.cell_used, 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("runs");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, slow_attack, rows);
    tcase_add_test(tc, what_crossed_is_said);
    tcase_add_test(tc, the_mornings_mail_is_no_part_of_the_attack);
    tcase_add_test(tc, statuses_change_in_their_own_run);
    tcase_add_test(tc, earlier_runs_take_one_cell);
    tcase_add_test(tc, no_day_no_parking);
    return run_suite("runs", tc);
}
