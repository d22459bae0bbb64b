/* SPDX-License-Identifier: MIT */
/* Mail that came back when what had gone in was forgotten; g47 to g49 of the scenarios tell the
 * stories. */
#include "core_run.h"
#include "life/link_forgotten.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    site_add_filter_service(run.site, SPAN("filter"));
}

static void end(void)
{
    core_end(&run);
}

#define FILTERED(id, to)                                                                           \
    "pipe: " id ": to=<" to ">, relay=filter, delay=1, dsn=2.0.0, status=sent (delivered)\n"
#define SENT(id, to)                                                                               \
    "smtp: " id ": to=<" to ">, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (ok)\n"
#define BACK(id, acceptance, message_id)                                                           \
    acceptance "cleanup: " id ": message-id=<" message_id ">\n"                                    \
               "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define UID(id) "pickup: " id ": uid=110 from=<a@a.example>\n"

/* A stranger's, with a message-id and without: forgotten after ten minutes. */
#define BEGUN(id, message_id)                                                                      \
    "smtpd: " id ": client=b[192.0.2.2]\n"                                                         \
    "cleanup: " id ": message-id=<" message_id ">\n"                                               \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=2 (queue active)\n"
#define REMOVED(id) "qmgr: " id ": removed\n"

/* A stranger's, with a message-id and without. */
static const char *const went_in[] = {
    BEGUN("AAAAA01", "1@a.example"),
    FILTERED("AAAAA01", "x@c.example"),
    FILTERED("AAAAA01", "y@c.example"),
    REMOVED("AAAAA01"),
    BEGUN("AAAAA02", ""),
    FILTERED("AAAAA02", "z@c.example"),
    REMOVED("AAAAA02"),
};

static const struct {
    const char *name, *lines;
    enum origin root; /* of BBBBB01, when its wait is over */
    int lost;
} cases[] = {
    {"back", BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example"),
     ORIGIN_UNKNOWN, 1},
    {"back for both",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example")
         SENT("BBBBB01", "y@c.example"),
     ORIGIN_UNKNOWN, 1},
    {"back in two",
     BACK("BBBBB02", UID("BBBBB02"), "1@a.example") SENT("BBBBB02", "y@c.example")
         BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example"),
     ORIGIN_UNKNOWN, 2},
    {"back by an alias",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example")
         SENT("BBBBB01", "q@d.example>, orig_to=<x@c.example"),
     ORIGIN_UNKNOWN, 1},
    {"back by SMTP",
     BACK("BBBBB01", "smtpd: BBBBB01: client=localhost[127.0.0.1]\n", "1@a.example")
         SENT("BBBBB01", "x@c.example"),
     ORIGIN_UNKNOWN, 1},
    {"back with two copies",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example")
         SENT("BBBBB01", "1@d.example") SENT("BBBBB01", "2@d.example"),
     ORIGIN_UNKNOWN, 1},
    {"back with a retry",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example") SENT(
         "BBBBB01", "x@c.example") SENT("BBBBB01", "x@c.example") SENT("BBBBB01", "x@c.example"),
     ORIGIN_UNKNOWN, 1},
    {"back, and forwarded and delivered here",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example")
         SENT("BBBBB01", "1@d.example>, orig_to=<bob@example.net")
             SENT("BBBBB01", "2@d.example>, orig_to=<bob@example.net")
                 SENT("BBBBB01", "3@d.example>, orig_to=<bob@example.net")
                     SENT("BBBBB01", "bob@example.net"),
     ORIGIN_UNKNOWN, 1},
    {"with three more recipients",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example") SENT(
         "BBBBB01", "1@d.example") SENT("BBBBB01", "2@d.example") SENT("BBBBB01", "3@d.example"),
     ORIGIN_LOCAL, 0},
    {"with three more recipients, by SMTP",
     BACK("BBBBB01", "smtpd: BBBBB01: client=localhost[127.0.0.1]\n", "1@a.example")
         SENT("BBBBB01", "x@c.example") SENT("BBBBB01", "1@d.example")
             SENT("BBBBB01", "2@d.example") SENT("BBBBB01", "3@d.example"),
     ORIGIN_TRUSTED, 0},
    {"a second time for the same recipient",
     BACK("BBBBB02", UID("BBBBB02"), "1@a.example") SENT("BBBBB02", "x@c.example")
         BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "x@c.example"),
     ORIGIN_LOCAL, 1},
    {"for somebody else",
     BACK("BBBBB01", UID("BBBBB01"), "1@a.example") SENT("BBBBB01", "z@c.example"), ORIGIN_LOCAL,
     0},
    {"of another message-id",
     BACK("BBBBB01", UID("BBBBB01"), "2@a.example") SENT("BBBBB01", "x@c.example"), ORIGIN_LOCAL,
     0},
    {"a stranger's",
     BACK("BBBBB01", "smtpd: BBBBB01: client=c[203.0.113.9]\n", "1@a.example")
         SENT("BBBBB01", "x@c.example"),
     ORIGIN_OUTSIDE, 0},
    {"without a message-id",
     BACK("BBBBB01", UID("BBBBB01"), "BBBBB01@mx1.example.net") SENT("BBBBB01", "z@c.example"),
     ORIGIN_UNKNOWN, 1},
    {"without one, delivered before qmgr names the sender",
     UID("BBBBB01") "cleanup: BBBBB01: message-id=<BBBBB01@mx1.example.net>\n" SENT(
         "BBBBB01", "z@c.example") "qmgr: BBBBB01: from=<a@a.example>, size=1, nrcpt=1 (queue "
                                   "active)\n",
     ORIGIN_UNKNOWN, 1},
    {"without one, for somebody else",
     BACK("BBBBB01", UID("BBBBB01"), "BBBBB01@mx1.example.net") SENT("BBBBB01", "x@c.example"),
     ORIGIN_LOCAL, 0},
};

static void forget_what_went_in(void)
{
    for (int i = 0; i < COUNT(went_in); i++)
        core_feed(&run, "%s", went_in[i]);
    run.now_s += 660;
    core_feed(&run, "smtpd: CCCCC01: client=a[192.0.2.1]");
    ck_assert_ptr_null(core_find(&run, "AAAAA01"));
    ck_assert_ptr_null(core_find(&run, "AAAAA02"));
}

static void end_waits(void)
{
    run.now_s += 61;
    core_feed(&run, "smtpd: CCCCC02: client=a[192.0.2.1]");
}

static void want_root(const char *name, enum origin root, int lost)
{
    want_text(name, origin_name(core_find(&run, "BBBBB01")->root), origin_name(root));
    want_number(name, (int64_t)run.p->life.counters.lost_returns, lost);
}

START_TEST(forgotten_mail_came_back)
{
    forget_what_went_in();
    core_feed(&run, "%s", cases[_i].lines);
    end_waits();
    want_root(cases[_i].name, cases[_i].root, cases[_i].lost);
}
END_TEST

START_TEST(retry_hours_later_counts_for_nothing)
{
    forget_what_went_in();
    core_feed(&run, "%s%s", BACK("BBBBB01", UID("BBBBB01"), "1@a.example"),
              SENT("BBBBB01", "x@c.example"));
    end_waits();
    for (int i = 0; i < 4; i++) {
        run.now_s += 3600;
        core_feed(&run, "%s", SENT("BBBBB01", "x@c.example"));
    }
    want_root("four retries", ORIGIN_UNKNOWN, 1);
}
END_TEST

/* What went in anew under the same message-id is logged late. */
START_TEST(parent_that_shows_up_is_taken)
{
    forget_what_went_in();
    core_feed(&run, "%s", BEGUN("AAAAA03", "1@a.example"));
    core_feed(&run, "%s%s", BACK("BBBBB01", UID("BBBBB01"), "1@a.example"),
              SENT("BBBBB01", "x@c.example"));
    want_root("before", ORIGIN_NONE, 1);
    core_feed(&run, "%s", FILTERED("AAAAA03", "x@c.example"));
    want_root("after", ORIGIN_OUTSIDE, 0);
}
END_TEST

#define HERE(more)        "smtpd: BBBBB01: client=localhost[127.0.0.1]" more "\n"
#define AGAIN(acceptance) BACK("BBBBB01", acceptance, "1@a.example") SENT("BBBBB01", "x@c.example")

/* local(8) forwarded mail of the same message-id, which is logged after what came of that: the
 * reply that names it tells more than what is forgotten. A local user has a server of his own say
 * so. */
static const struct {
    const char *name, *message_id, *back;
    bool linked;
    int lost;
} replies[] = {
    {"named", "1@a.example", AGAIN(HERE("")), true, 0},
    {"named by mail of another message-id", "2@a.example", AGAIN(HERE("")), false, 1},
    {"a user brought it", "1@a.example", AGAIN(UID("BBBBB01")), false, 0},
    {"a filter named another", "1@a.example", AGAIN(HERE(", orig_queue_id=AAAAA01")), false, 0},
    {"beyond what filters add", "1@a.example",
     AGAIN(HERE("")) SENT("BBBBB01", "1@d.example") SENT("BBBBB01", "2@d.example")
         SENT("BBBBB01", "3@d.example"),
     false, 0},
};

START_TEST(reply_tells_more_than_what_is_forgotten)
{
    forget_what_went_in();
    core_feed(&run, BEGUN("AAAAA04", "%s"), replies[_i].message_id);
    core_feed(&run,
              "cleanup: AAAAA03: message-id=<%s>\n"
              "qmgr: AAAAA03: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n",
              replies[_i].message_id);
    core_feed(&run, "%s", replies[_i].back);
    core_feed(&run, "smtp: AAAAA03: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10125, delay=1, "
                    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as BBBBB01)\n"
                    "local: AAAAA04: to=<bob@example.net>, relay=local, delay=1, dsn=2.0.0, "
                    "status=sent (forwarded as AAAAA03)\n");
    const struct message *c = core_find(&run, "BBBBB01");
    want_number(replies[_i].name, c->parent.slot == core_find(&run, "AAAAA03")->slot,
                replies[_i].linked);
    want_number(replies[_i].name, (int64_t)run.p->life.counters.lost_returns, replies[_i].lost);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life_forgotten");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, forgotten_mail_came_back, cases);
    tcase_add_test(tc, retry_hours_later_counts_for_nothing);
    tcase_add_test(tc, parent_that_shows_up_is_taken);
    ADD_ROWS(tc, reply_tells_more_than_what_is_forgotten, replies);
    return run_suite("life_forgotten", tc);
}
