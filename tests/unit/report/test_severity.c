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
    {"as one other, from one place", KIND_ACCOUNT_ABUSE, 100, 1, 1, 0, 0, 100, false, "warning"},
    {"as one other, from two places", KIND_ACCOUNT_ABUSE, 100, 2, 1, 0, 0, 100, false, "critical"},
    {"as two others", KIND_ACCOUNT_ABUSE, 100, 1, 2, 0, 0, 100, false, "critical"},
    {"as one other, 5 % refused", KIND_ACCOUNT_ABUSE, 100, 1, 1, 5, 0, 100, false, "critical"},
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

/* Messages of 100 recipients each, by the login bob@example.org. */
static const struct {
    const char *name, *sender;
    int messages, refused, clients;
    const char *want;
} letters[] = {
    {"a letter", "bob@example.org", 2, 0, 1, "info"},
    {"under another address", "sales@example.org", 2, 0, 1, "warning"},
    {"three", "bob@example.org", 3, 0, 1, "warning"},
    {"from two places", "bob@example.org", 2, 0, 2, "warning"},
    {"5 % refused", "bob@example.org", 2, 10, 1, "warning"},
};

START_TEST(letter_to_many_is_its_owners)
{
    struct incident_view view;
    char client[64];

    for (int i = 0; i < letters[_i].messages * 100; i++) {
        snprintf(client, sizeof(client), "unknown[198.51.100.%d]", i / 100 % letters[_i].clients);
        observe(
            (struct observation){.kind = KIND_ACCOUNT_ABUSE,
                                 .at_s = WHEN,
                                 .client = span_str(client),
                                 .sender = span_str(letters[_i].sender),
                                 .account = SPAN("bob@example.org"),
                                 .recipient_domain = SPAN("club.example"),
                                 .status = i < letters[_i].refused ? STATUS_BOUNCED : STATUS_SENT,
                                 .first = i % 100 == 0,
                                 .counts = true});
    }
    incident_view_init(&view, &run.p->detector, &run.p->detector.incident[0]);
    want_text(letters[_i].name, severity_name(view.severity), letters[_i].want);
    incident_view_done(&view);
}
END_TEST

static const struct {
    const char *name;
    enum kind kind;
    int usual, familiar, refused;
    const char *sender; /* with the number of the message in it */
    const char *want;
} habits[] = {
    {"a uid as on other days", KIND_LOCAL_ABUSE, 200, 200, 0, "shop@example.org", "info"},
    {"a uid, a quarter more", KIND_LOCAL_ABUSE, 150, 200, 0, "shop@example.org", "warning"},
    {"a uid as on other days, but refused", KIND_LOCAL_ABUSE, 200, 200, 10, "shop@example.org",
     "warning"},
    {"VERP, known for long", KIND_ACCOUNT_ABUSE, 200, 200, 0, "news+u%d=x.example@example.org",
     "info"},
    {"as many senders", KIND_ACCOUNT_ABUSE, 200, 200, 0, "news%d@example.org", "critical"},
    {"bounces to one who sends much", KIND_BACKSCATTER_VICTIM, 0, 200, 0, "", "info"},
    {"bounces to one who doesn't", KIND_BACKSCATTER_VICTIM, 0, 0, 0, "", "warning"},
};

START_TEST(habits_are_known)
{
    struct incident_view view;
    char client[64], sender[64];

    for (int i = 0; i < 200; i++) {
        snprintf(client, sizeof(client), "unknown[198.51.100.%d]",
                 habits[_i].kind == KIND_BACKSCATTER_VICTIM ? i % 100 : 1);
        const char *hole = strchr(habits[_i].sender, '%');
        if (hole)
            snprintf(sender, sizeof(sender), "%.*s%d%s", (int)(hole - habits[_i].sender),
                     habits[_i].sender, i, hole + 2);
        else
            snprintf(sender, sizeof(sender), "%s", habits[_i].sender);
        observe((struct observation){
            .kind = habits[_i].kind,
            .at_s = WHEN,
            .client = habits[_i].kind == KIND_LOCAL_ABUSE ? SPAN_NONE : span_str(client),
            .sender = span_str(sender),
            .account = SPAN("shop@example.org"),
            .uid = 33,
            .recipient = SPAN("shop@example.org"),
            .recipient_domain = SPAN("x.example"),
            .status = i < habits[_i].refused ? STATUS_BOUNCED : STATUS_SENT,
            .first = true,
            .counts = true,
            .familiar = i < habits[_i].familiar,
            .usual = i < habits[_i].usual});
    }
    want_number(habits[_i].name, detector_incidents(&run.p->detector), 1);
    incident_view_init(&view, &run.p->detector, &run.p->detector.incident[0]);
    want_text(habits[_i].name, severity_name(view.severity), habits[_i].want);
    want_number("says why", view.signs[0] != '\0', view.severity == SEVERITY_INFO);
    incident_view_done(&view);
}
END_TEST

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
    ADD_ROWS(tc, letter_to_many_is_its_owners, letters);
    ADD_ROWS(tc, habits_are_known, habits);
    tcase_add_test(tc, the_owners_signs_are_said);
    return run_suite("severity", tc);
}
