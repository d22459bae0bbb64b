/* SPDX-License-Identifier: MIT */
/* Links that a record names before their messages are known; g81 and g82 of the scenarios tell the
 * stories. */
#include "core_run.h"
#include "early_lines.h"

static struct core_run run;

#define NOTICE  "bounce: AAAAA01: sender non-delivery notification: AAAAA02\n"
#define REQUEUE "MailScanner: Requeue: AAAAA01.A1B2C to AAAAA02\n"
#define AMAVIS                                                                                     \
    "amavis: (1-1) Passed CLEAN {RelayedInbound}, [192.0.2.2] <a@b> -> "                           \
    "<c@d>, Queue-ID: AAAAA01, mail_id: x, Hits: -, size: 9, queued_as: AAAAA02, 1 ms\n"
#define HOLD  "cleanup: AAAAA01: hold: header Received: x from local; from=<a@b> to=<c@d>\n"
#define LOCAL "localhost[127.0.0.1]"
#define ORIG  LOCAL ", orig_queue_id=AAAAA01"

static const struct {
    const char *name, *lines;
    enum origin origin, root; /* of AAAAA02 */
} rows[] = {
    {"queued as", PARENT QUEUED_AS CHILD(LOCAL, "1@a.example"), ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"queued as, first of all", QUEUED_AS PARENT CHILD(LOCAL, "1@a.example"), ORIGIN_FILTER,
     ORIGIN_OUTSIDE},
    {"queued as, another message-id", PARENT QUEUED_AS CHILD(LOCAL, "2@a.example"), ORIGIN_TRUSTED,
     ORIGIN_NONE},
    {"queued as what a stranger brought", PARENT QUEUED_AS CHILD("z[203.0.113.9]", "1@a.example"),
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
    {"queued as what a login brought",
     PARENT QUEUED_AS CHILD("z[203.0.113.9], sasl_method=PLAIN, sasl_username=bob", "1@a.example"),
     ORIGIN_ACCOUNT, ORIGIN_ACCOUNT},
    {"queued as what a user brought",
     PARENT QUEUED_AS "pickup: AAAAA02: uid=1000 from=<a@a.example>\n"
                      "cleanup: AAAAA02: message-id=<3@a.example>\n",
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"amavis", AMAVIS CHILD(LOCAL, "1@a.example") PARENT, ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"amavis, another message-id", AMAVIS CHILD(LOCAL, "2@a.example") PARENT, ORIGIN_TRUSTED,
     ORIGIN_NONE},
    {"MailScanner", REQUEUE HOLD PARENT, ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"MailScanner, of what is not on hold", REQUEUE PARENT, ORIGIN_COUNT, ORIGIN_COUNT},
    {"a notice", NOTICE PARENT, ORIGIN_BOUNCE, ORIGIN_OUTSIDE},
    {"a notice of nothing", NOTICE, ORIGIN_BOUNCE, ORIGIN_NONE},
    {"orig_queue_id=", CHILD(ORIG, "1@a.example") PARENT, ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"orig_queue_id= of a stranger", CHILD("z[203.0.113.9], orig_queue_id=AAAAA01", "1@a") PARENT,
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
    {"a hold", HOLD "smtpd: AAAAA02: client=b[192.0.2.2]\n", ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
};

/* "PROGRAM: TEXT" of a filter, and then of Postfix. */
static void feed(const char *lines)
{
    char when[WHEN_TEXT_MAX], whole[512];
    bool filter = !strncmp(lines, "amavis", 6) || !strncmp(lines, "MailScanner", 11);
    size_t n = filter ? strcspn(lines, "\n") : 0;

    int len = snprintf(whole, sizeof(whole), "%s mx1 %.*s\n",
                       when_print(run.now_s * US_PER_S, when), (int)n, lines);
    if (filter)
        pipeline_lines(run.p, whole, (size_t)len);
    core_feed(&run, "%s", lines + n);
}

static void want(const char *name, enum origin origin, enum origin root)
{
    const struct message *m = core_find(&run, "AAAAA02");

    want_number(name, m ? m->origin : ORIGIN_COUNT, origin);
    want_number(name, m ? m->root : ORIGIN_COUNT, root);
}

START_TEST(a_link_named_early_is_made)
{
    core_begin(&run, NULL);
    feed(rows[_i].lines);
    want(rows[_i].name, rows[_i].origin, rows[_i].root);
    core_end(&run);
}
END_TEST

START_TEST(a_hold_named_early_holds)
{
    core_begin(&run, NULL);
    core_feed(&run, HOLD PARENT);
    want_number("held", core_find(&run, "AAAAA01")->state, MESSAGE_QUEUED); /* qmgr has it */
    core_feed(&run, "cleanup: AAAAA03: hold: header Received: x from local; from=<a@b> to=<c@d>\n"
                    "smtpd: AAAAA03: client=b[192.0.2.2]\n");
    want_number("held", core_find(&run, "AAAAA03")->state, MESSAGE_HELD);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_early");

    ADD_ROWS(tc, a_link_named_early_is_made, rows);
    tcase_add_test(tc, a_hold_named_early_holds);
    return run_suite("link_early", tc);
}
