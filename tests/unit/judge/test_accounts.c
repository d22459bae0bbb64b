/* SPDX-License-Identifier: MIT */
#include "judge/accounts.h"

#include "core_run.h"
#include "detect/detector.h"
#include "engine/second_reading.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, "[account-abuse]\nrecipients = 10\n");
}

static void end(void)
{
    core_end(&run);
}

static void mails(const char *login, const char *sender, int n)
{
    static int id;

    for (int i = 0; i < n; i++) {
        id++;
        core_feed(&run,
                  "smtpd: A%05d: client=home[192.0.2.1], sasl_method=PLAIN, sasl_username=%s\n"
                  "qmgr: A%05d: from=<%s>, size=900, nrcpt=1 (queue active)\n"
                  "smtp: A%05d: to=<u@gmail.com>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
                  "status=sent (Ok)\n"
                  "qmgr: A%05d: removed",
                  id, login, id, sender, id, id);
    }
}

/* A minute later. */
static bool is_recounted(void)
{
    run.now_s += 120;
    core_feed(&run, "qmgr: FFFFFFF: removed");
    return second_reading_is_due(run.p);
}

START_TEST(two_logins_count_together)
{
    mails("bob", "bob@example.net", 3);
    mails("bob@example.net", "x@example.net", 3);
    mails("bob", "y@example.net", 4);
    ck_assert(span_equal(intern_span(core_incident(&run)->key_text), SPAN("bob@example.net")));
    want_number("at once", is_recounted(), false);
}
END_TEST

START_TEST(both_with_evidence_are_recounted)
{
    mails("bob@example.net", "x@example.net", 3);
    mails("bob", "y@example.net", 3);
    want_number("not yet", is_recounted(), false);
    mails("bob", "bob@example.net", 1);
    want_number("recounted", is_recounted(), true);
}
END_TEST

START_TEST(doubt_is_recounted)
{
    mails("bob@example.net", "x@example.net", 1);
    mails("bob", "bob@example.net", 1);
    mails("bob@customer.example", "bob@customer.example", 1);
    want_number("not ours", is_recounted(), false);
    site_add_domain(run.site, SPAN("b.example"), CLASS_OURS, false);
    mails("bob@b.example", "bob@b.example", 1);
    mails("bob", "bob@b.example", 1);
    want_number("recounted", is_recounted(), true);
}
END_TEST

START_TEST(doubt_without_evidence_is_not)
{
    site_add_domain(run.site, SPAN("b.example"), CLASS_OURS, false);
    for (int i = 0; i < 2; i++)
        core_feed(&run,
                  "smtpd: AAAAAA%d: client=home[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
                  "smtpd: AAAAAB%d: client=home[192.0.2.1], sasl_method=PLAIN, "
                  "sasl_username=bob@%s\n"
                  "qmgr: AAAAAA%d: from=<bob@%s>, size=900, nrcpt=1 (queue active)",
                  i, i, i ? "b.example" : "example.net", i, i ? "b.example" : "example.net");
    want_number("doubt", is_recounted(), false);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("accounts");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, two_logins_count_together);
    tcase_add_test(tc, both_with_evidence_are_recounted);
    tcase_add_test(tc, doubt_is_recounted);
    tcase_add_test(tc, doubt_without_evidence_is_not);
    return run_suite("accounts", tc);
}
