/* SPDX-License-Identifier: MIT */
/* Every cell of the table of states and events; what links messages is in tests/scenarios. */
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

static const char *const before[MESSAGE_STATE_COUNT] = {
    [MESSAGE_NEW] = "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                    "cleanup: AAAAA01: message-id=<1@a.example>",
    [MESSAGE_QUEUED] = "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                       "cleanup: AAAAA01: message-id=<1@a.example>\n"
                       "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)",
    [MESSAGE_HELD] = "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                     "cleanup: AAAAA01: message-id=<1@a.example>\n"
                     "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                     "postsuper: AAAAA01: placed on hold",
    [MESSAGE_GONE] = "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                     "cleanup: AAAAA01: message-id=<1@a.example>\n"
                     "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                     "qmgr: AAAAA01: removed",
};

#define ACCEPT   "smtpd: AAAAA01: client=b[192.0.2.2]"
#define PICKUP   "pickup: AAAAA01: uid=33 from=<x>"
#define TEXT     "cleanup: AAAAA01: message-id=<1@a.example>"
#define OTHER_ID "cleanup: AAAAA01: message-id=<2@a.example>"
#define ACTIVE   "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)"
#define DELIVERY                                                                                   \
    "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)"
#define END     "qmgr: AAAAA01: removed"
#define MISSING "qmgr: warning: remove AAAAA01 from active: No such file or directory\n"
#define REFUSE  "cleanup: AAAAA01: milter-reject: END-OF-MESSAGE from a[192.0.2.1]: x"
#define REQUEUE "postsuper: AAAAA01: requeued"
#define HOLD    "postsuper: AAAAA01: placed on hold"
#define RELEASE "postsuper: AAAAA01: released from hold"

/* fresh: the line is a new message's. */
static const struct {
    const char *name;
    enum message_state from;
    const char *line;
    enum message_state to;
    bool fresh;
} cells[] = {
    {"new, accepted", MESSAGE_NEW, ACCEPT, MESSAGE_NEW, true},
    {"new, picked up", MESSAGE_NEW, PICKUP, MESSAGE_NEW, true},
    {"new, message-id again", MESSAGE_NEW, TEXT, MESSAGE_NEW, false},
    {"new, second message-id header", MESSAGE_NEW, OTHER_ID, MESSAGE_NEW, false},
    {"new, active", MESSAGE_NEW, ACTIVE, MESSAGE_QUEUED, false},
    {"new, delivery: qmgr's line is late", MESSAGE_NEW, DELIVERY, MESSAGE_QUEUED, false},
    {"new, removed", MESSAGE_NEW, END, MESSAGE_GONE, false},
    {"new, refused", MESSAGE_NEW, REFUSE, MESSAGE_GONE, false},
    {"new, requeued", MESSAGE_NEW, REQUEUE, MESSAGE_GONE, false},
    {"new, held", MESSAGE_NEW, HOLD, MESSAGE_HELD, false},
    {"new, released", MESSAGE_NEW, RELEASE, MESSAGE_QUEUED, false},
    {"queued, accepted", MESSAGE_QUEUED, ACCEPT, MESSAGE_NEW, true},
    {"queued, picked up", MESSAGE_QUEUED, PICKUP, MESSAGE_NEW, true},
    {"queued, message-id late", MESSAGE_QUEUED, TEXT, MESSAGE_QUEUED, false},
    {"queued, another message-id", MESSAGE_QUEUED, OTHER_ID, MESSAGE_NEW, true},
    {"queued, active again", MESSAGE_QUEUED, ACTIVE, MESSAGE_QUEUED, false},
    {"queued, delivery", MESSAGE_QUEUED, DELIVERY, MESSAGE_QUEUED, false},
    {"queued, removed", MESSAGE_QUEUED, END, MESSAGE_GONE, false},
    {"queued, requeued", MESSAGE_QUEUED, REQUEUE, MESSAGE_GONE, false},
    {"queued, held", MESSAGE_QUEUED, HOLD, MESSAGE_HELD, false},
    {"queued, released", MESSAGE_QUEUED, RELEASE, MESSAGE_QUEUED, false},
    {"held, accepted", MESSAGE_HELD, ACCEPT, MESSAGE_NEW, true},
    {"held, picked up", MESSAGE_HELD, PICKUP, MESSAGE_NEW, true},
    {"held, message-id late", MESSAGE_HELD, TEXT, MESSAGE_HELD, false},
    {"held, active", MESSAGE_HELD, ACTIVE, MESSAGE_QUEUED, false},
    {"held, delivery was under way", MESSAGE_HELD, DELIVERY, MESSAGE_HELD, false},
    {"held, removed", MESSAGE_HELD, END, MESSAGE_GONE, false},
    {"held, missed by qmgr", MESSAGE_HELD, MISSING, MESSAGE_HELD, false},
    {"queued, missed by qmgr", MESSAGE_QUEUED, MISSING, MESSAGE_GONE, false},
    {"held, held", MESSAGE_HELD, HOLD, MESSAGE_HELD, false},
    {"held, released", MESSAGE_HELD, RELEASE, MESSAGE_QUEUED, false},
    {"gone, accepted", MESSAGE_GONE, ACCEPT, MESSAGE_NEW, true},
    {"gone, picked up", MESSAGE_GONE, PICKUP, MESSAGE_NEW, true},
    {"gone, message-id: a notice's", MESSAGE_GONE, TEXT, MESSAGE_NEW, true},
    {"gone, active", MESSAGE_GONE, ACTIVE, MESSAGE_QUEUED, true},
    {"gone, delivery late", MESSAGE_GONE, DELIVERY, MESSAGE_GONE, false},
    {"gone, removed again", MESSAGE_GONE, END, MESSAGE_GONE, false},
    {"gone, held", MESSAGE_GONE, HOLD, MESSAGE_GONE, false},
    {"gone, released", MESSAGE_GONE, RELEASE, MESSAGE_GONE, false},
};

START_TEST(each_state_answers_each_event)
{
    core_feed(&run, "%s", before[cells[_i].from]);
    want_number(cells[_i].name, core_find(&run, "AAAAA01")->state, cells[_i].from);
    want_number(cells[_i].name, (int64_t)run.p->life.counters.begun, 1);
    run.now_s += 10;
    core_feed(&run, "%s", cells[_i].line);
    const struct message *m = core_find(&run, "AAAAA01");
    want_number(cells[_i].name, m->state, cells[_i].to);
    want_number(cells[_i].name, (int64_t)run.p->life.counters.begun, 1 + cells[_i].fresh);
    want_number(cells[_i].name, run.p->tracker.count, 1);
    want_number(cells[_i].name, m->last_s, run.now_s);
    want_number(cells[_i].name, run.p->tracker.gone, m->state == MESSAGE_GONE);
    want_number(cells[_i].name, (int64_t)run.p->life.counters.reused,
                cells[_i].fresh && cells[_i].from != MESSAGE_GONE);
}
END_TEST

/* Without a message only what can be a message's first line makes one. */
static const struct {
    const char *name, *line;
    int state; /* -1: none */
} first[] = {
    {"accepted", ACCEPT, MESSAGE_NEW},
    {"picked up", PICKUP, MESSAGE_NEW},
    {"message-id", TEXT, MESSAGE_NEW},
    {"active", ACTIVE, MESSAGE_QUEUED},
    {"delivery", DELIVERY, MESSAGE_QUEUED},
    {"removed", END, -1},
    {"refused", REFUSE, -1},
    {"held", HOLD, -1},
    {"released", RELEASE, -1},
    {"expired", "qmgr: AAAAA01: from=<a@b>, status=expired, returned to sender", -1},
    {"a recipient refused", "smtpd: AAAAA01: reject: RCPT from a[192.0.2.1]: 550 x; proto=SMTP",
     -1},
};

START_TEST(first_line_makes_a_message_or_none)
{
    core_feed(&run, "%s", first[_i].line);
    const struct message *m = core_find(&run, "AAAAA01");

    want_number(first[_i].name, m ? m->state : -1, first[_i].state);
    want_number(first[_i].name, (int64_t)run.p->life.counters.begun, m != NULL);
}
END_TEST

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

START_TEST(states_have_names)
{
    want_text("new", state_name(MESSAGE_NEW), "accepted");
    want_text("queued", state_name(MESSAGE_QUEUED), "queued");
    want_text("held", state_name(MESSAGE_HELD), "on hold");
    want_text("gone", state_name(MESSAGE_GONE), "gone");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, each_state_answers_each_event, cells);
    ADD_ROWS(tc, first_line_makes_a_message_or_none, first);
    tcase_add_test(tc, waits_for_its_origin_as_long_as_grace_says);
    ADD_ROWS(tc, what_nothing_claims_is_a_probe_or_unknown, waited);
    tcase_add_test(tc, late_link_to_a_probe_is_counted);
    tcase_add_test(tc, late_link_is_counted);
    ADD_ROWS(tc, message_is_not_its_own_parent, circles);
    tcase_add_test(tc, states_have_names);
    return run_suite("life", tc);
}
