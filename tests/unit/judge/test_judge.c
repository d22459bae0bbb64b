/* SPDX-License-Identifier: MIT */
/* Each verdict; the stories are in tests/scenarios. */
#include "detect/scope.h"

#include "core_run.h"
#include "judge_lines.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

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

/* Whatever the first delivery is called, a recipient is judged once. */
START_TEST(recipient_is_judged_once)
{
    core_feed(&run, STRANGER FROM("a@a.example") DEFER("x@b.example") DEFER("X@b.example")
                        SMTP("x@B.example"));
    want_number("verdicts", run.verdicts, 1);
    want_number("observations", (int64_t)run.p->detector.counters.observations, 1);
}
END_TEST

START_TEST(autoreply_counts_as_a_notice)
{
    core_feed(&run, SCRIPT FROM("") SMTP("x@b.example") SMTP("y@b.example"));
    const struct totals *totals = &run.p->detector.cell[0].totals;
    want_number("cells", run.p->detector.cell_used, 1);
    want_number("recipients", (int64_t)totals->recipients, 2);
    want_number("notices", (int64_t)totals->notices, 2);
}
END_TEST

/* The alert must not say that nothing is left in the queue. */
START_TEST(message_that_raises_an_incident_is_in_its_queue)
{
    core_end(&run);
    core_begin(&run, "[open-relay]\nrecipients = 1\n");
    core_feed(&run, STRANGER FROM("a@a.example") DEFER("x@b.example"));
    want_number("raised", run.events[INCIDENT_RAISED], 1);
    want_number("queued when raised", (int64_t)run.raised.queued, 1);
    const struct totals *totals = &run.p->detector.cell[0].totals;
    core_feed(&run, DEFER("y@b.example"));
    want_number("queued", (int64_t)totals->queued, 1);
    core_feed(&run, "postsuper: AAAAA01: placed on hold");
    want_number("held", (int64_t)totals->held, 1);
    core_feed(&run, "qmgr: AAAAA01: removed");
    want_number("queued when removed", (int64_t)totals->queued, 0);
    want_number("held when removed", (int64_t)totals->held, 0);
}
END_TEST

static const struct {
    const char *name, *lines;
    enum origin root;
    enum domain_class class;
    int64_t sent, deferred, bounced;
} deliveries[] = {
    {"a stranger's", STRANGER FROM("a@a.example") SMTP("x@b.example"), ORIGIN_OUTSIDE,
     CLASS_OUTSIDE, 1, 0, 0},
    {"to us", STRANGER FROM("a@a.example") LMTP("x@example.net"), ORIGIN_OUTSIDE, CLASS_OURS, 1, 0,
     0},
    {"a login's, of another class", LOGIN FROM("bob@example.net") SMTP("x@b.example"),
     ORIGIN_ACCOUNT, CLASS_OURS, 0, 0, 0},
    {"two recipients", LOGIN FROM("bob@example.net") SMTP("x@b.example") SMTP("y@b.example"),
     ORIGIN_ACCOUNT, CLASS_OUTSIDE, 2, 0, 0},
    {"tried again in vain", SCRIPT FROM("a@example.net") DEFER("x@b.example") DEFER("x@b.example"),
     ORIGIN_LOCAL, CLASS_OUTSIDE, 0, 1, 0},
    {"tried again", SCRIPT FROM("a@example.net") DEFER("x@b.example") SMTP("x@b.example"),
     ORIGIN_LOCAL, CLASS_OUTSIDE, 1, 1, 0},
    {"refused at last",
     TRUSTED FROM("a@example.net") DEFER("x@b.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1"),
     ORIGIN_TRUSTED, CLASS_OUTSIDE, 0, 1, 1},
    {"a notice",
     STRANGER FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1") UNDELIVERED
     "smtp: AAAAA02: to=<a@a.example>, relay=" MX ", delay=1, status=sent (Ok)\n",
     ORIGIN_BOUNCE, CLASS_OUTSIDE, 1, 0, 0},
    {"a notice tried again",
     STRANGER FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1") UNDELIVERED
     "smtp: AAAAA02: to=<a@a.example>, relay=none, delay=1, status=deferred (x)\n"
     "smtp: AAAAA02: to=<a@a.example>, relay=" MX ", delay=1, status=sent (Ok)\n",
     ORIGIN_BOUNCE, CLASS_OUTSIDE, 1, 1, 0},
};

START_TEST(deliveries_are_counted_once)
{
    const struct judge *judge = &run.p->judge;
    enum origin root = deliveries[_i].root;
    enum domain_class class = deliveries[_i].class;
    const char *name = deliveries[_i].name;

    core_feed(&run, "%s", deliveries[_i].lines);
    want_number(name, (int64_t)judge_deliveries(judge, root, class, STATUS_SENT),
                deliveries[_i].sent);
    want_number(name, (int64_t)judge_deliveries(judge, root, class, STATUS_DEFERRED),
                deliveries[_i].deferred);
    want_number(name, (int64_t)judge_deliveries(judge, root, class, STATUS_BOUNCED),
                deliveries[_i].bounced);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("judge");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, verdict_is, rows);
    ADD_ROWS(tc, deliveries_are_counted_once, deliveries);
    tcase_add_test(tc, recipient_is_judged_once);
    tcase_add_test(tc, autoreply_counts_as_a_notice);
    tcase_add_test(tc, message_that_raises_an_incident_is_in_its_queue);
    return run_suite("judge", tc);
}
