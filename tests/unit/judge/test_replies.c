/* SPDX-License-Identifier: MIT */
#include "judge/replies.h"

#include "core_run.h"
#include "judge_lines.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, STRANGER NAMED FROM("friend@b.example") LOCAL("bob@example.net"));
}

static void end(void)
{
    core_end(&run);
}

#define BY_PICKUP "pickup: AAAAA02: uid=1000 from=<x>\n"
#define UNDER(s)  "qmgr: AAAAA02: from=<" s ">, size=1, nrcpt=1 (queue active)\n"

/* Mail on its way to that recipient, which may have something to do with the friend's to bob. */
static const struct {
    const char *name, *lines, *to;
    int after_s;
    bool by_program, answer, receipt, vacation;
} rows[] = {
    {"bob's vacation", BY_PICKUP UNDER("bob@example.net"), "friend@b.example", 1, true, true, true,
     true},
    {"the same under the null sender", BY_PICKUP UNDER(""), "Friend@B.example", 1, true, true, true,
     true},
    {"under another's name", BY_PICKUP UNDER("ann@example.net"), "friend@b.example", 1, true, true,
     true, false},
    {"to somebody else", BY_PICKUP UNDER(""), "other@b.example", 1, true, false, false, false},
    {"a minute later", BY_PICKUP UNDER(""), "friend@b.example", 60, true, false, true, false},
    {"by SMTP of this host", "smtpd: AAAAA02: client=localhost[127.0.0.1]\n" UNDER(""),
     "friend@b.example", 1, true, true, true, true},
    {"another stranger's", "smtpd: AAAAA02: client=c[192.0.2.3]\n" UNDER("bob@example.net"),
     "friend@b.example", 1, false, false, true, false},
    /* The kind of evidence asks who brought it. */
    {"a trusted client's", "smtpd: AAAAA02: client=d[10.0.0.1]\n" UNDER("bob@example.net"),
     "friend@b.example", 1, false, true, true, true},
};

START_TEST(reply_is_known_by_the_mail_it_answers)
{
    struct judge *judge = &run.p->judge;

    run.now_s += (uint32_t)rows[_i].after_s;
    core_feed(&run, "%s", rows[_i].lines);
    run.now_s += 61; /* whoever brought it is certain now */
    pipeline_tick(run.p, run.now_s * US_PER_S);
    struct message *m = core_find(&run, "AAAAA02");
    struct recipient r = {.hash = hash_nocase(span_str(rows[_i].to), run.p->tracker.seed),
                          .at_s = m->begun_s,
                          .status = STATUS_SENT};
    want_number(rows[_i].name, replies_is_by_program(judge, m), rows[_i].by_program);
    want_number(rows[_i].name, replies_is_automatic(judge, m), rows[_i].by_program && !m->sender);
    want_number(rows[_i].name, replies_is_answer(judge, m, &r), rows[_i].answer);
    want_number(rows[_i].name, replies_is_receipt(judge, m, &r), rows[_i].receipt);
    want_number(rows[_i].name, replies_is_vacation(judge, m, &r), rows[_i].vacation);
}
END_TEST

START_TEST(vacation_is_told_to_nobody_who_refuses_it)
{
    core_feed(&run, BY_PICKUP UNDER(""));
    struct recipient r = {.hash = hash_nocase(SPAN("friend@b.example"), run.p->tracker.seed),
                          .status = STATUS_BOUNCED};

    want_number("vacation", replies_is_vacation(&run.p->judge, core_find(&run, "AAAAA02"), &r),
                false);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("replies");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, reply_is_known_by_the_mail_it_answers, rows);
    tcase_add_test(tc, vacation_is_told_to_nobody_who_refuses_it);
    return run_suite("replies", tc);
}
