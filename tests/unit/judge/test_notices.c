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

/* What an incident says of who refused: of each notice the first recipient's, while the message is
 * remembered; nothing of notices that tell of delays. */
#define SAID(program, to, relay, dsn, status, reply)                                               \
    program ": AAAAA01: to=<" to ">, relay=" relay ", delay=1, dsn=" dsn ", status=" status        \
            " (" reply ")\n"
#define LMTP_SAID                                                                                  \
    SAID("lmtp", "x@example.net", "mx1[private/lmtp]", "5.1.1", "bounced",                         \
         "host mx1[private/lmtp] said: 550 5.1.1 <x@example.net> no user x (in reply to RCPT TO "  \
         "command)")

static const struct {
    const char *name, *lines, *notice, *by, *domain;
    uint32_t count;
} refusals[] = {
    {"local(8)", SAID("local", "x@example.net", "local", "5.1.1", "bounced", "unknown user: \"x\""),
     "non-delivery", "local local local unknown user: '...'", "local example.net", 20},
    {"virtual(8)",
     SAID("virtual", "x@Example.net", "virtual", "5.1.1", "bounced", "unknown user: \"x@e\""),
     "non-delivery", "virtual virtual-mailbox virtual unknown user: '...'",
     "virtual-mailbox example.net", 20},
    {"error(8)",
     SAID("error", "x@example.net", "none", "5.1.1", "bounced",
          "User unknown in virtual alias table"),
     "non-delivery", "error virtual-alias none User unknown in virtual alias table",
     "virtual-alias example.net", 20},
    {"lmtp", LMTP_SAID, "non-delivery",
     "lmtp unknown mx1[private/lmtp] 550 5.1.1 <...> no user ...", "unknown example.net", 20},
    {"pipe", SAID("pipe", "x@example.net", "drop", "5.1.1", "bounced", "user unknown"),
     "non-delivery", "pipe unknown drop user unknown", "unknown example.net", 20},
    {"smtp",
     SAID("smtp", "x@customer.example", "gate[10.1.1.1]:25", "5.1.1", "bounced",
          "host gate[10.1.1.1] said: 550 no (in reply to RCPT TO command)"),
     "non-delivery", "smtp relay gate[10.1.1.1]:25 550 no", "relay customer.example", 20},
    {"any other reason",
     SAID("lmtp", "x@example.net", "mx1[private/lmtp]", "5.3.4", "bounced",
          "host mx1[private/lmtp] said: 552 5.3.4 too big (in reply to end of DATA command)"),
     "non-delivery", "lmtp unknown mx1[private/lmtp] 552 5.3.4 too big", "unknown example.net", 20},
    {"a delay",
     SAID("lmtp", "x@example.net", "mx1[private/lmtp]", "4.3.0", "deferred", "lost connection"),
     "delay", "", "", 0},
};

START_TEST(refuser_is_named)
{
    struct incident_view view;
    struct core_run run;

    core_begin(&run, NULL);
    for (int i = 0; i < 20; i++) {
        char text[2048], number[16];
        run.now_s += 10;
        snprintf(text, sizeof(text),
                 "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                 "qmgr: AAAAA01: from=<a%d@a.example>, size=1, nrcpt=1 (queue active)\n%s"
                 "bounce: AAAAA01: sender %s notification: AAAAA02\n"
                 "qmgr: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)\n"
                 "smtp: AAAAA02: to=<a%d@a.example>, relay=" MX ", delay=1, status=sent (Ok)\n",
                 i, refusals[_i].lines, refusals[_i].notice, i);
        snprintf(number, sizeof(number), "%02d", i);
        for (char *id = text; (id = strstr(id, "AAAAA")) != NULL; id += 5)
            memcpy(id, number, 2);
        core_feed(&run, "%s", text);
    }
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number(refusals[_i].name, view.refused_by.count, refusals[_i].count > 0);
    for (uint32_t i = 0; i < view.refused_by.count; i++) {
        want_text(refusals[_i].name, view.refused_by.entry[i].text->at, refusals[_i].by);
        want_text(refusals[_i].name, view.refused_domains.entry[i].text->at, refusals[_i].domain);
        want_number(refusals[_i].name, view.refused_by.entry[i].count, refusals[_i].count);
    }
    incident_view_done(&view);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("notices");

    ADD_ROWS(tc, verdict_is, rows);
    ADD_ROWS(tc, refuser_is_named, refusals);
    return run_suite("notices", tc);
}
