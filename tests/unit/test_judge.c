/* SPDX-License-Identifier: MIT */
/* Each verdict, and the cause of each kind of notice; the stories are in tests/scenarios. */
#include "detector_inside.h"

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

#define STRANGER "smtpd: AAAAA01: client=a[192.0.2.1]\n"
#define TRUSTED  "smtpd: AAAAA01: client=a[10.0.0.1]\n"
#define LOGIN    "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
#define SCRIPT   "pickup: AAAAA01: uid=33 from=<x>\n"
#define HOST     "smtpd: AAAAA01: client=localhost[127.0.0.1]\n"
#define FROM(s)  "qmgr: AAAAA01: from=<" s ">, size=1, nrcpt=1 (queue active)\n"
#define SMTP(to)                                                                                   \
    "smtp: AAAAA01: to=<" to ">, relay=mx[198.51.100.1]:25, delay=1, status=sent (Ok)\n"
#define LMTP(to)  "lmtp: AAAAA01: to=<" to ">, relay=mx1[private/lmtp], delay=1, status=sent (Ok)\n"
#define LOCAL(to) "local: AAAAA01: to=<" to ">, relay=local, delay=1, status=sent (delivered)\n"

enum { NONE = -1 };

static const struct {
    const char *name, *lines;
    enum verdict verdict;
    int kind;
} rows[] = {
    {"stranger to the outside", STRANGER FROM("a@a.example") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_OPEN_RELAY},
    {"stranger under a sender of ours", STRANGER FROM("bob@example.net") SMTP("x@b.example"),
     VERDICT_RELAYED, KIND_OPEN_RELAY},
    {"stranger to us", STRANGER FROM("a@a.example") LMTP("x@example.net"), VERDICT_RECIPIENT_OURS,
     NONE},
    {"stranger to us in another case", STRANGER FROM("a@a.example") LMTP("x@EXAMPLE.net"),
     VERDICT_RECIPIENT_OURS, NONE},
    {"stranger to a subdomain that nobody told",
     STRANGER FROM("a@a.example") SMTP("x@s.example.net"), VERDICT_RELAYED, KIND_OPEN_RELAY},
    {"stranger to a relay domain", STRANGER FROM("a@a.example") SMTP("x@customer.example"),
     VERDICT_RELAY_DOMAIN, NONE},
    {"stranger to an alias of ours",
     STRANGER FROM("a@a.example") SMTP("x@b.example>, orig_to=<info@example.net"),
     VERDICT_FORWARDED, NONE},
    {"stranger to an alias of a relay domain",
     STRANGER FROM("a@a.example") SMTP("x@b.example>, orig_to=<info@customer.example"),
     VERDICT_FORWARDED, NONE},
    {"stranger to an alias without a domain",
     STRANGER FROM("a@a.example") SMTP("x@b.example>, orig_to=<root"), VERDICT_FORWARDED, NONE},
    {"stranger to another outside address first",
     STRANGER FROM("a@a.example") SMTP("x@b.example>, orig_to=<x@c.example"), VERDICT_RELAYED,
     KIND_OPEN_RELAY},
    {"stranger to a domain that local delivers",
     STRANGER FROM("a@a.example") LOCAL("x@new.example"), VERDICT_RECIPIENT_OURS, NONE},
    {"stranger to nobody", STRANGER FROM("a@a.example") SMTP(""), VERDICT_RECIPIENT_OURS, NONE},
    {"stranger to an address literal", STRANGER FROM("a@a.example") SMTP("x@[198.51.100.1]"),
     VERDICT_RELAYED, KIND_OPEN_RELAY},
    {"SRS of ours", STRANGER FROM("") SMTP("x@b.example>, orig_to=<SRS0=a=b=c=d@example.net"),
     VERDICT_RETURNED, NONE},
    {"SRS1 of ours with a plus",
     STRANGER FROM("") SMTP("x@b.example>, orig_to=<srs1+a=b=c=d@example.net"), VERDICT_RETURNED,
     NONE},
    {"SRS of others", STRANGER FROM("a@a.example") SMTP("SRS0=a=b=c=d@b.example"), VERDICT_RELAYED,
     KIND_OPEN_RELAY},
    {"not quite SRS", STRANGER FROM("a@a.example") SMTP("x@b.example>, orig_to=<SRS0@example.net"),
     VERDICT_FORWARDED, NONE},
    {"null sender to us", STRANGER FROM("") LMTP("x@example.net"), VERDICT_VICTIM,
     KIND_BACKSCATTER_VICTIM},
    {"null sender outside", STRANGER FROM("") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_OPEN_RELAY},
    {"null sender of a trusted client to us", TRUSTED FROM("") LMTP("x@example.net"),
     VERDICT_RECIPIENT_OURS, NONE},
    {"null sender to an alias of ours",
     STRANGER FROM("") SMTP("x@b.example>, orig_to=<info@example.net"), VERDICT_VICTIM,
     KIND_BACKSCATTER_VICTIM},
    {"login to the outside", LOGIN FROM("bob@example.net") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_ACCOUNT_ABUSE},
    {"login to us", LOGIN FROM("bob@example.net") LMTP("x@example.net"), VERDICT_RECIPIENT_OURS,
     NONE},
    {"login under the null sender", LOGIN FROM("") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_ACCOUNT_ABUSE},
    {"script to the outside", SCRIPT FROM("x@example.net") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_LOCAL_ABUSE},
    {"script under the null sender", SCRIPT FROM("") SMTP("x@b.example"), VERDICT_AUTOREPLY,
     KIND_BACKSCATTER_SOURCE},
    {"trusted client to the outside", TRUSTED FROM("x@example.net") SMTP("x@b.example"),
     VERDICT_RELAYED, KIND_TRUSTED_RELAY},
    {"trusted client under the null sender", TRUSTED FROM("") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_TRUSTED_RELAY},
    {"this host under the null sender", HOST FROM("") SMTP("x@b.example"), VERDICT_AUTOREPLY,
     KIND_BACKSCATTER_SOURCE},
    {"this host under a sender", HOST FROM("x@example.net") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_TRUSTED_RELAY},
    {"probe of Postfix", FROM("double-bounce@mx1.example.net") SMTP("x@b.example"), VERDICT_PROBE,
     NONE},
    {"probe by its status",
     SCRIPT FROM("x@example.net") "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, "
                                  "status=deliverable (x)\n",
     VERDICT_PROBE, NONE},
    {"the sender of probes, from a stranger",
     STRANGER FROM("double-bounce@example.net") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_OPEN_RELAY},
    {"the sender of probes, from a script",
     SCRIPT FROM("double-bounce@example.net") SMTP("x@b.example"), VERDICT_RELAYED,
     KIND_LOCAL_ABUSE},
    {"acceptance not in the log", FROM("a@a.example") SMTP("x@b.example"), VERDICT_UNKNOWN_ORIGIN,
     NONE},
    {"acceptance not in the log, to us", FROM("a@a.example") LMTP("x@example.net"),
     VERDICT_RECIPIENT_OURS, NONE},
    {"through a filter that lost it",
     STRANGER FROM("a@a.example") "smtp: AAAAA01: to=<x@b.example>, "
                                  "relay=127.0.0.1[127.0.0.1]:10024, delay=1, dsn=4.0.0, "
                                  "status=deferred (x)\n" SMTP("y@b.example"),
     VERDICT_RELAYED, KIND_OPEN_RELAY},
};

START_TEST(verdict_is)
{
    core_feed(&run, "%s", rows[_i].lines);
    run.now_s += 61;
    core_feed(&run, "qmgr: BBBBB01: removed");
    pipeline_finish(run.p);
    want_number(rows[_i].name, run.verdicts, 1);
    ck_assert_msg(run.verdict == rows[_i].verdict && run.kind == rows[_i].kind,
                  "%s: got \"%s\", %d, want \"%s\", %d", rows[_i].name, verdict_text(run.verdict),
                  run.kind, verdict_text(rows[_i].verdict), rows[_i].kind);
}
END_TEST

/* --- notices ---------------------------------------------------------------------------------------- */

#define BOUNCE(program, to, relay, dsn)                                                            \
    program ": AAAAA01: to=<" to ">, relay=" relay ", delay=1, dsn=" dsn ", status=bounced (x)\n"
#define NOTICE(what)                                                                               \
    "bounce: AAAAA01: " what " notification: AAAAA02\n"                                            \
    "qmgr: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)\n"
#define UNDELIVERED NOTICE("sender non-delivery")
#define EXPIRED     "qmgr: AAAAA01: from=<a@a.example>, status=expired, returned to sender\n"
#define DEFER(to)                                                                                  \
    "smtp: AAAAA01: to=<" to ">, relay=none, delay=1, dsn=4.4.1, status=deferred (x)\n"
#define MX "mx[198.51.100.1]:25"

static const struct {
    const char *name, *lines;
    enum verdict verdict;
    enum cause cause;
} notices[] = {
    {"unknown user of local",
     STRANGER FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown user of virtual",
     STRANGER FROM("a@a.example") BOUNCE("virtual", "x@example.net", "virtual", "5.1.1")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown user over LMTP",
     STRANGER FROM("a@a.example") BOUNCE("lmtp", "x@example.net", "mx1[private/lmtp]", "5.1.1")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"full mailbox",
     STRANGER FROM("a@a.example") BOUNCE("lmtp", "x@example.net", "mx1[private/lmtp]", "5.2.2")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"unknown user of a relay domain",
     STRANGER FROM("a@a.example") BOUNCE("smtp", "x@customer.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_RELAY_RECIPIENT},
    {"spam for a relay domain",
     STRANGER FROM("a@a.example") BOUNCE("smtp", "x@customer.example", MX, "5.7.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"refused where an alias leads",
     STRANGER FROM("a@a.example")
         BOUNCE("smtp", "x@b.example>, orig_to=<info@example.net", MX, "5.7.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FORWARD_REFUSED},
    {"relayed", STRANGER FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"a trusted client's",
     TRUSTED FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"refused by the filter",
     STRANGER FROM("a@a.example")
         BOUNCE("smtp", "x@example.net", "127.0.0.1[127.0.0.1]:10024", "5.7.0") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FILTER_REFUSED},
    {"late",
     STRANGER FROM("a@a.example") DEFER("x@b.example>, orig_to=<info@example.net")
         NOTICE("sender delay"),
     VERDICT_NOTICE, CAUSE_DELAY_NOTICE},
    {"wanted", STRANGER FROM("a@a.example") LMTP("x@example.net") NOTICE("sender delivery status"),
     VERDICT_NOTICE, CAUSE_DSN_REQUESTED},
    {"given up where an alias leads",
     STRANGER FROM("a@a.example") DEFER("x@b.example>, orig_to=<info@example.net")
         EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_EXPIRED},
    {"given up at our own backend",
     STRANGER FROM("a@a.example") DEFER("x@example.net") EXPIRED UNDELIVERED, VERDICT_NOTICE,
     CAUSE_EXPIRED},
    {"relayed and given up", STRANGER FROM("a@a.example") DEFER("x@b.example") EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"given up without a delivery", STRANGER FROM("a@a.example") EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_EXPIRED},
    {"of the middle of the log",
     FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"to one of ours",
     STRANGER FROM("bob@example.net") BOUNCE("local", "x@example.net", "local", "5.1.1")
         UNDELIVERED,
     VERDICT_NOTICE_TO_US, CAUSE_NONE},
    {"to a login", LOGIN FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW, CAUSE_NONE},
    {"to a script",
     SCRIPT FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW, CAUSE_NONE},
    {"for the postmaster",
     STRANGER FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1")
         NOTICE("postmaster non-delivery"),
     VERDICT_NOTICE_POSTMASTER, CAUSE_NONE},
};

START_TEST(notice_is)
{
    const struct detector *d = &run.p->detector;
    enum cause cause = CAUSE_NONE;

    core_feed(&run, "%s", notices[_i].lines);
    run.now_s += 61;
    core_feed(&run, "qmgr: BBBBB01: removed");
    ck_assert_msg(run.verdict == notices[_i].verdict, "%s: got \"%s\", want \"%s\"",
                  notices[_i].name, verdict_text(run.verdict), verdict_text(notices[_i].verdict));
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (detector_field_kind(d->cell[i].field) == KIND_BACKSCATTER_SOURCE)
            cause = detector_field_cause(d->cell[i].field);
    want_text(notices[_i].name, cause_name(cause), cause_name(notices[_i].cause));
}
END_TEST

/* Whatever the first delivery is called, a recipient is judged once. */
START_TEST(recipient_is_judged_once)
{
    core_feed(&run, STRANGER FROM("a@a.example") DEFER("x@b.example") DEFER("X@b.example")
                        SMTP("x@B.example"));
    want_number("verdicts", run.verdicts, 1);
    want_number("observations", (int64_t)run.p->detector.counters.observations, 1);
}
END_TEST

START_TEST(every_verdict_has_a_sentence)
{
    for (int i = 0; i < VERDICT_COUNT; i++)
        ck_assert_msg(strlen(verdict_text((enum verdict)i)) > 5, "verdict %d: got no sentence", i);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("judge");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, verdict_is, rows);
    ADD_ROWS(tc, notice_is, notices);
    tcase_add_test(tc, recipient_is_judged_once);
    tcase_add_test(tc, every_verdict_has_a_sentence);
    return run_suite("judge", tc);
}
