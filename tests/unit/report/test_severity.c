/* SPDX-License-Identifier: MIT */
/* Who is at work: a stranger, the owner, or nobody can tell. */
#include "report/severity.h"

#include "report/incident.h"

#include "detector_run.h"

enum { WHEN = CORE_BEGIN_S + 60 };

static const struct {
    const char *name;
    enum kind kind;
    int messages, clients, senders, refused, familiar, foreign;
    bool null_sender;
    const char *want; /* severity of the only incident */
} rows[] = {
    {"a stranger relays", KIND_OPEN_RELAY, 5, 1, 1, 0, 0, 0, false, "critical"},
    {"a login, one place, one sender, new here", KIND_ACCOUNT_ABUSE, 200, 1, 1, 0, 0, 0, false,
     "warning"},
    {"the same, from where it has long come", KIND_ACCOUNT_ABUSE, 200, 1, 1, 0, 200, 0, false,
     "info"},
    {"long known, but 10 % refused", KIND_ACCOUNT_ABUSE, 200, 1, 1, 20, 200, 0, false, "warning"},
    {"long known, but 20 % refused", KIND_ACCOUNT_ABUSE, 200, 1, 1, 40, 200, 0, false, "critical"},
    {"mostly from elsewhere", KIND_ACCOUNT_ABUSE, 200, 2, 1, 0, 100, 0, false, "warning"},
    {"from five addresses", KIND_ACCOUNT_ABUSE, 200, 5, 1, 0, 0, 0, false, "critical"},
    {"under four senders", KIND_ACCOUNT_ABUSE, 200, 1, 4, 0, 200, 0, false, "critical"},
    {"under foreign senders", KIND_ACCOUNT_ABUSE, 100, 1, 1, 0, 0, 100, false, "critical"},
    {"long known under its foreign sender", KIND_ACCOUNT_ABUSE, 100, 1, 1, 0, 100, 100, false,
     "info"},
    {"from five addresses, all long known", KIND_ACCOUNT_ABUSE, 200, 5, 1, 0, 200, 0, false,
     "info"},
    {"under the null sender", KIND_ACCOUNT_ABUSE, 10, 1, 1, 0, 10, 0, true, "critical"},
    {"a uid", KIND_LOCAL_ABUSE, 200, 0, 1, 0, 200, 0, false, "warning"},
    {"a uid that invents senders", KIND_LOCAL_ABUSE, 200, 0, 10, 0, 0, 0, false, "critical"},
    {"a uid, much refused", KIND_LOCAL_ABUSE, 200, 0, 1, 40, 0, 0, false, "critical"},
    {"a trusted client, new", KIND_TRUSTED_RELAY, 2000, 1, 1, 0, 0, 0, false, "warning"},
    {"a trusted client, long known", KIND_TRUSTED_RELAY, 2000, 1, 1, 0, 2000, 0, false, "info"},
    {"a trusted client for others", KIND_TRUSTED_RELAY, 100, 1, 1, 0, 0, 100, false, "critical"},
    {"notices", KIND_BACKSCATTER_SOURCE, 20, 1, 1, 0, 0, 0, false, "warning"},
};

static void send(int row, int i)
{
    char client[64], sender[64];

    snprintf(client, sizeof(client), "unknown[198.51.100.%d]",
             rows[row].clients ? i % rows[row].clients : 0);
    snprintf(sender, sizeof(sender), "bob%d@example.org", i % rows[row].senders);
    struct observation o = {.kind = rows[row].kind,
                            .at_s = WHEN,
                            .client = span_str(client),
                            .sender = span_str(sender),
                            .account = SPAN("bob@example.org"),
                            .uid = 33,
                            .recipient_domain = SPAN("victim.example"),
                            .status = i < rows[row].refused ? STATUS_BOUNCED : STATUS_SENT,
                            .first = true,
                            .counts = true,
                            .familiar = i < rows[row].familiar,
                            .foreign_sender = i < rows[row].foreign,
                            .null_sender = rows[row].null_sender,
                            .notice = rows[row].kind == KIND_BACKSCATTER_SOURCE};
    if (rows[row].kind == KIND_LOCAL_ABUSE)
        o.client = SPAN_NONE;
    observe(o);
}

START_TEST(severity_is_a_persons)
{
    struct detector *d = &run.p->detector;
    struct incident_view view;

    for (int i = 0; i < rows[_i].messages; i++)
        send(_i, i);
    want_number(rows[_i].name, detector_incidents(d), 1);
    incident_view_init(&view, d, &d->incident[0]);
    want_text(rows[_i].name, severity_name(view.severity), rows[_i].want);
    want_number("says why", view.signs[0] != '\0', view.severity == SEVERITY_INFO);
    incident_view_done(&view);
}
END_TEST

START_TEST(the_owners_signs_are_said)
{
    struct detector *d = &run.p->detector;
    struct incident_view view;

    for (int i = 0; i < rows[2].messages; i++)
        send(2, i);
    incident_view_init(&view, d, &d->incident[0]);
    want_text("signs", view.signs,
              "looks like bulk mail of its owner: sent from where it came from before, under 1 "
              "sender address, 0 of 200 recipients refused");
    incident_view_done(&view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("severity");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, severity_is_a_persons, rows);
    tcase_add_test(tc, the_owners_signs_are_said);
    return run_suite("severity", tc);
}
