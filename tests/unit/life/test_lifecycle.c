/* SPDX-License-Identifier: MIT */
/* How messages wait for what tells their origin; what links them is in tests/scenarios. */
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

#define ACCEPT "smtpd: AAAAA01: client=b[192.0.2.2]"
#define PICKUP "pickup: AAAAA01: uid=33 from=<x>"
#define ACTIVE "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)"
#define DELIVERY                                                                                   \
    "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)"
#define END "qmgr: AAAAA01: removed"

START_TEST(waits_for_its_origin_as_long_as_grace_says)
{
    core_feed(&run, ACTIVE "\n" DELIVERY);
    run.now_s += 59;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    want_number("verdicts before", run.verdicts, 0);
    run.now_s += 1;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    want_number("verdicts after", run.verdicts, 1);
    want_number("verdict", run.verdict, VERDICT_UNKNOWN_ORIGIN);
    want_number("unattributed", (int64_t)run.p->life.counters.unattributed, 1);
}
END_TEST

#define PROBE_ACTIVE                                                                               \
    "qmgr: AAAAA01: from=<double-bounce@mx1.example.net>, size=1, nrcpt=1 (queue active)"
#define PROBED(status)                                                                             \
    "smtp: AAAAA01: to=<x@b.example>, relay=mx[192.0.2.9]:25, delay=1, status=" status " (x)"

/* Nothing in the log accepts a probe: it is one once nothing else has claimed it. */
static const struct {
    const char *name, *lines;
    enum origin origin, root;
    int unattributed;
} waited[] = {
    {"a probe, by its sender", PROBE_ACTIVE, ORIGIN_PROBE, ORIGIN_PROBE, 0},
    {"a probe, by its status", ACTIVE "\n" PROBED("deliverable"), ORIGIN_PROBE, ORIGIN_PROBE, 0},
    {"a probe that failed", ACTIVE "\n" PROBED("undeliverable"), ORIGIN_PROBE, ORIGIN_PROBE, 0},
    {"sendmail -bv", PICKUP "\n" ACTIVE "\n" PROBED("deliverable"), ORIGIN_LOCAL, ORIGIN_LOCAL, 0},
    {"a stranger under that name", ACCEPT "\n" PROBE_ACTIVE, ORIGIN_OUTSIDE, ORIGIN_OUTSIDE, 0},
    {"a copy for the postmaster",
     "smtpd: AAAAA02: client=a[192.0.2.1]\n" PROBE_ACTIVE
     "\nbounce: AAAAA02: postmaster non-delivery notification: AAAAA01",
     ORIGIN_BOUNCE, ORIGIN_OUTSIDE, 0},
    {"the middle of the log", ACTIVE, ORIGIN_UNKNOWN, ORIGIN_UNKNOWN, 1},
};

START_TEST(what_nothing_claims_is_a_probe_or_unknown)
{
    core_feed(&run, "%s", waited[_i].lines);
    run.now_s += 61;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    const struct message *m = core_find(&run, "AAAAA01");
    want_text(waited[_i].name, origin_name((enum origin)m->origin), origin_name(waited[_i].origin));
    want_text(waited[_i].name, origin_name((enum origin)m->root), origin_name(waited[_i].root));
    want_number(waited[_i].name, (int64_t)run.p->life.counters.unattributed,
                waited[_i].unattributed);
}
END_TEST

START_TEST(late_link_to_a_probe_is_counted)
{
    core_feed(&run, "smtpd: AAAAA02: client=a[192.0.2.1]\n" PROBE_ACTIVE);
    run.now_s += 61;
    core_feed(&run, "bounce: AAAAA02: postmaster non-delivery notification: AAAAA01");
    want_number("late links", (int64_t)run.p->life.counters.late_links, 1);
    want_number("begun", (int64_t)run.p->life.counters.begun, 2);
    want_number("origin", core_find(&run, "AAAAA01")->origin, ORIGIN_PROBE);
}
END_TEST

/* A link that comes after the wait changes no verdict, and is counted. */
START_TEST(late_link_is_counted)
{
    core_feed(&run, "smtpd: AAAAA02: client=a[192.0.2.1]\n" ACTIVE "\n" DELIVERY);
    run.now_s += 61;
    core_feed(&run, "bounce: AAAAA02: sender non-delivery notification: AAAAA01");
    want_number("late links", (int64_t)run.p->life.counters.late_links, 1);
    want_number("origin", core_find(&run, "AAAAA01")->origin, ORIGIN_UNKNOWN);
}
END_TEST

/* It names itself: nothing is linked, and nothing hangs. */
#define HOP "smtpd: AAAAA01: client=localhost[127.0.0.1]"

static const char *const circles[] = {
    ACCEPT "\nbounce: AAAAA01: sender non-delivery notification: AAAAA01",
    ACCEPT "\nlocal: AAAAA01: to=<b@c.d>, relay=local, delay=1, status=sent (forwarded as AAAAA01)",
    "pickup: AAAAA01: uid=105 from=<x> orig_id=AAAAA01",
    HOP ", orig_queue_id=AAAAA01",
    HOP
    "\nsmtp: AAAAA01: to=<b@c.d>, relay=x[127.0.0.1]:25, delay=1, status=sent (queued as AAAAA01)",
};

START_TEST(message_is_not_its_own_parent)
{
    core_feed(&run, "%s\n" ACTIVE "\n" END, circles[_i]);
    want_number("children", (int64_t)run.p->life.counters.children, 0);
    pipeline_finish(run.p);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, waits_for_its_origin_as_long_as_grace_says);
    ADD_ROWS(tc, what_nothing_claims_is_a_probe_or_unknown, waited);
    tcase_add_test(tc, late_link_to_a_probe_is_counted);
    tcase_add_test(tc, late_link_is_counted);
    ADD_ROWS(tc, message_is_not_its_own_parent, circles);
    return run_suite("life", tc);
}
