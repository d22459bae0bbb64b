/* SPDX-License-Identifier: MIT */
/* What the user of a pipe's filter brings, where the lines of one second come in any order: a mail
 * of his may be logged in full before what it came of. And what others on the host make of that. */
#include "core_run.h"
#include "site/site_doors.h"

enum { FILTER = 110, USER = 1000, WAIT_S = 60 };

static struct core_run run;

static void begin(void)
{
    core_begin(&run, "[local-abuse]\nrecipients = 5\n");
}

static void end(void)
{
    core_end(&run);
}

static void feed_front(const char *id, const char *message_id)
{
    core_feed(&run,
              "smtpd: %s: client=b[192.0.2.2]\n"
              "cleanup: %s: message-id=<%s>\n"
              "qmgr: %s: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "pipe: %s: to=<x@c.example>, relay=spamd, delay=1, dsn=2.0.0, status=sent (ok)\n"
              "qmgr: %s: removed\n",
              id, id, message_id, id, id, id);
}

static void feed_sent(const char *id, const char *message_id, const char *to)
{
    core_feed(&run,
              "cleanup: %s: message-id=<%s>\n"
              "qmgr: %s: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: %s: to=<%s>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (ok)\n"
              "qmgr: %s: removed\n",
              id, message_id, id, id, to, id);
}

static void feed_pickup(const char *id, uint32_t uid)
{
    core_feed(&run, "pickup: %s: uid=%u from=<a@a.example>\n", id, uid);
}

/* Mail through the filter, its lines in order. */
static void feed_in_order(const char *front, const char *back, const char *message_id, uint32_t uid)
{
    feed_front(front, message_id);
    feed_pickup(back, uid);
    feed_sent(back, message_id, "x@c.example");
}

static const struct {
    const char *name, *message_id, *back_id; /* NULL: Postfix makes one */
    uint32_t uid;
    const char *root;
} cases[] = {
    {"the filter's", "2@a.example", "2@a.example", FILTER, "outside"},
    {"the filter's, without a message-id", "", "20261124030000.BBBBB02@mx1", FILTER, "outside"},
    {"a user's", "2@a.example", "2@a.example", USER, "local"},
    {"the filter's own mail", "2@a.example", "3@a.example", FILTER, "local"},
    {"the filter's own mail, without a message-id", "3@a.example", "20261124030000.BBBBB02@mx1",
     FILTER, "local"},
};

/* Which uid the filter has is known from other mail. Without that, nothing tells its mail from a
 * user's, who may have borrowed the message-id of mail that is still to come. */
START_TEST(mail_may_be_logged_before_what_it_came_of)
{
    feed_in_order("AAAAA01", "AAAAA02", "1@a.example", FILTER);
    run.now_s += 10;
    feed_sent("BBBBB02", cases[_i].back_id, "x@c.example");
    feed_pickup("BBBBB02", cases[_i].uid);
    feed_front("BBBBB01", cases[_i].message_id);
    run.now_s += WAIT_S + 1;
    core_feed(&run, "smtpd: DDDDD01: client=b[192.0.2.2]\n");
    const struct message *m = core_find(&run, "BBBBB02");
    want_text(cases[_i].name, origin_name(m->root), cases[_i].root);
    if (m->root == ORIGIN_LOCAL)
        want_number("uid", m->uid, cases[_i].uid);
}
END_TEST

/* Whoever writes under the filter's uid is found out, a minute later. Message-ids of mail that did
 * not go through the filter for those recipients are no help. */
START_TEST(what_the_filters_user_sends_is_his)
{
    feed_in_order("AAAAA01", "AAAAA02", "1@a.example", FILTER);
    run.now_s += 10;
    for (int i = 0; i < 6; i++) {
        char id[32], to[32];
        snprintf(id, sizeof(id), "CCCCC%02d", i);
        snprintf(to, sizeof(to), "u%d@d.example", i);
        feed_pickup(id, FILTER);
        feed_sent(id, _i ? "1@a.example" : "9@d.example", to);
    }
    want_number("at once", run.events[INCIDENT_RAISED], 0);
    run.now_s += WAIT_S + 1;
    core_feed(&run, "smtpd: DDDDD01: client=b[192.0.2.2]\n");
    want_number("then", run.events[INCIDENT_RAISED], 1);
    want_text("of", kind_name(core_incident(&run)->kind), "local-abuse");
}
END_TEST

/* A user who borrows message-ids now and then does not take the filter's place; nor does one whose
 * own mail he seems to have given back himself. */
START_TEST(a_borrower_does_not_take_its_place)
{
    feed_in_order("AAAAA01", "AAAAA02", "1@a.example", FILTER);
    feed_in_order("AAAAA03", "AAAAA04", "2@a.example", FILTER);
    feed_in_order("AAAAA05", "AAAAA06", "3@a.example", USER);
    ck_assert(site_is_bringer(run.site, FILTER) && !site_is_bringer(run.site, USER));
    core_feed(
        &run,
        "pickup: BBBBB01: uid=33 from=<a@a.example>\n"
        "cleanup: BBBBB01: message-id=<4@a.example>\n"
        "qmgr: BBBBB01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
        "pipe: BBBBB01: to=<x@c.example>, relay=other, delay=1, dsn=2.0.0, status=sent (ok)\n");
    feed_pickup("BBBBB02", 33);
    feed_sent("BBBBB02", "4@a.example", "x@c.example");
    ck_assert(!site_is_bringer(run.site, 33));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("bringers");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, mail_may_be_logged_before_what_it_came_of, cases);
    tcase_add_loop_test(tc, what_the_filters_user_sends_is_his, 0, 2);
    tcase_add_test(tc, a_borrower_does_not_take_its_place);
    return run_suite("bringers", tc);
}
