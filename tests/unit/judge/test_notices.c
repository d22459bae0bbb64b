/* SPDX-License-Identifier: MIT */
/* Whose notices are owed; the causes are in test_classify.c. */
#include "core_run.h"
#include "judge_lines.h"

#define BOB              "smtpd: BBBBB01: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=bob@gmail.com\n"
#define REFUSED(program) BOUNCE(program, "x@b.example", MX, "5.1.1")
#define UNKNOWN_USER     BOUNCE("local", "x@example.net", "local", "5.1.1")

static const struct {
    const char *name, *lines;
    enum verdict verdict;
} rows[] = {
    {"of a trusted client to a stranger", TRUSTED FROM("a@a.example") REFUSED("smtp") UNDELIVERED,
     VERDICT_NOTICE},
    {"of a login", LOGIN FROM("a@a.example") REFUSED("smtp") UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW},
    {"of a login that wrote to ours as a stranger",
     LOGIN FROM("a@a.example") UNKNOWN_USER UNDELIVERED, VERDICT_NOTICE},
    {"of a login that wrote to ours as one of ours",
     LOGIN FROM("a@example.net") UNKNOWN_USER UNDELIVERED, VERDICT_NOTICE_TO_SENDER_WE_KNOW},
    {"of a login that wrote to ours as another login",
     BOB LOGIN FROM("bob@gmail.com") UNKNOWN_USER UNDELIVERED, VERDICT_NOTICE_TO_LOGIN},
    {"of a script that wrote to ours", SCRIPT FROM("a@a.example") UNKNOWN_USER UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW},
    {"of a script", SCRIPT FROM("a@a.example") REFUSED("smtp") UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW},
    {"to one of ours", TRUSTED FROM("a@example.net") REFUSED("smtp") UNDELIVERED,
     VERDICT_NOTICE_TO_US},
    {"to somebody who logs in", BOB TRUSTED FROM("Bob@gmail.com") REFUSED("smtp") UNDELIVERED,
     VERDICT_NOTICE_TO_LOGIN},
    {"to another one there", BOB TRUSTED FROM("rob@gmail.com") REFUSED("smtp") UNDELIVERED,
     VERDICT_NOTICE},
    {"about what is not in the log, to somebody who logs in",
     BOB "bounce: AAAAA01: sender non-delivery notification: AAAAA02\n"
         "qmgr: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)\n"
         "smtp: AAAAA02: to=<bob@gmail.com>, relay=" MX ", delay=1, status=sent (Ok)\n",
     VERDICT_NOTICE_TO_LOGIN},
};

START_TEST(verdict_is)
{
    struct core_run run;

    core_begin(&run, NULL);
    core_feed(&run, "%s", rows[_i].lines);
    run.now_s += 61;
    core_feed(&run, "qmgr: CCCCC01: removed");
    pipeline_finish(run.p);
    want_text(rows[_i].name, verdict_text(run.verdict), verdict_text(rows[_i].verdict));
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("notices");

    ADD_ROWS(tc, verdict_is, rows);
    return run_suite("notices", tc);
}
