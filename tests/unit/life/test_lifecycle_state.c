/* SPDX-License-Identifier: MIT */
/* Every cell of the table of states and events. */
#include "life/lifecycle_state.h"

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
    TCase *tc = tcase_create("lifecycle_state");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, each_state_answers_each_event, cells);
    ADD_ROWS(tc, first_line_makes_a_message_or_none, first);
    tcase_add_test(tc, states_have_names);
    return run_suite("lifecycle_state", tc);
}
