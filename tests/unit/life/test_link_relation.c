/* SPDX-License-Identifier: MIT */
/* Rows of test_link_return.c play whole stories. */
#include "life/link_relation.h"

#include "core_run.h"
#include "site/site_doors.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n"
                    "cleanup: AAAAA01: message-id=<1@a.example>\n"
                    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n");
}

static void end(void)
{
    core_end(&run);
}

static const struct {
    const char *name, *lines; /* of AAAAA02 */
    bool may;
} children[] = {
    {"brought by sendmail", "pickup: AAAAA02: uid=110 from=<a>\n", true},
    {"from this host", "smtpd: AAAAA02: client=localhost[127.0.0.1]\n", true},
    {"a client's", "smtpd: AAAAA02: client=c[192.0.2.9]\n", false},
    {"a login's, from this host",
     "smtpd: AAAAA02: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=bob\n", false},
    {"of another message", "smtpd: AAAAA02: client=localhost[127.0.0.1], orig_queue_id=AAAAA01\n",
     false},
};

START_TEST(child_comes_from_this_host)
{
    core_feed(&run, "%s", children[_i].lines);
    want_number(children[_i].name, relation_may_be_child(core_find(&run, "AAAAA02")),
                children[_i].may);
}
END_TEST

/* Of two from this host in one second, the second line's came of the first line's, unless Postfix
 * made their message-id for the second: nobody had it before. */
static const struct {
    const char *name, *message_id;
    bool may;
} orders[] = {
    {"somebody's", "1@a.example", false},
    {"the first one's", "20261124030000.BBBBB01@mx1", false},
    {"the second one's", "20261124030000.BBBBB02@mx1", true},
};

START_TEST(whose_message_id_it_is_was_first)
{
    core_feed(&run,
              "smtpd: BBBBB01: client=localhost[127.0.0.1]\ncleanup: BBBBB01: message-id=<%s>\n"
              "smtpd: BBBBB02: client=localhost[127.0.0.1]\ncleanup: BBBBB02: message-id=<%s>\n",
              orders[_i].message_id, orders[_i].message_id);
    want_number(orders[_i].name,
                relation_may_be_parent(&run.p->life, core_find(&run, "BBBBB02"),
                                       core_find(&run, "BBBBB01")),
                orders[_i].may);
}
END_TEST

#define SENT(program, relay, to)                                                                   \
    program ": AAAAA01: to=<" to ">, relay=" relay ", delay=1, dsn=2.0.0, status=sent (ok)\n"

static const struct {
    const char *name, *lines;
    bool mailbox;
} takers[] = {
    {"local", SENT("local", "local", "u@example.net"), true},
    {"a socket", SENT("lmtp", "mx1[private/dovecot-lmtp]", "u@example.net"), true},
    {"lmtp on this host", SENT("lmtp", "127.0.0.1[127.0.0.1]:24", "u@example.net"), true},
    {"pipe", SENT("pipe", "dovecot", "u@example.net"), true},
    {"a filter that the settings name", SENT("pipe", "filter", "u@example.net"), false},
    {"smtp to this host", SENT("smtp", "127.0.0.1[127.0.0.1]:10024", "u@example.net"), false},
    {"a server outside", SENT("smtp", "mx[198.51.100.1]:25", "u@example.net"), false},
};

START_TEST(mailbox_is_no_filter)
{
    site_add_filter_service(run.site, SPAN("filter"));
    core_feed(&run, "%s", takers[_i].lines);
    const struct recipient *r = &message_recipients(core_find(&run, "AAAAA01"))[0];
    want_number(takers[_i].name, relation_is_mailbox(&run.p->life, r), takers[_i].mailbox);
}
END_TEST

START_TEST(mail_on_its_way_to_the_same_door_did_not_come_back_from_it)
{
    core_feed(&run, "%s", SENT("pipe", "dovecot", "u@example.net"));
    struct message *p = core_find(&run, "AAAAA01");
    struct recipient r = message_recipients(p)[0];
    ck_assert_ptr_null(relation_match(p, &r));
    r.door = 0;
    ck_assert_ptr_nonnull(relation_match(p, &r));
    r.hash++;
    ck_assert_ptr_null(relation_match(p, &r));
}
END_TEST

static const struct {
    const char *name, *lines;
    bool only;
} alike[] = {
    {"nothing else", "", true},
    {"back from a filter",
     "smtpd: AAAAA02: client=localhost[127.0.0.1]\ncleanup: AAAAA02: message-id=<1@a.example>\n",
     true},
    {"from a program",
     "pickup: AAAAA02: uid=110 from=<a>\n"
     "cleanup: AAAAA02: message-id=<1@a.example>\n",
     true},
    {"from a machine near by",
     "smtpd: AAAAA02: client=b[10.1.1.1]\ncleanup: AAAAA02: message-id=<1@a.example>\n", true},
    {"another of a client's",
     "smtpd: AAAAA02: client=c[192.0.2.9]\ncleanup: AAAAA02: message-id=<1@a.example>\n", false},
};

START_TEST(message_id_of_one_message_tells_what_came_of_it)
{
    core_feed(&run, "%s", alike[_i].lines);
    want_number(alike[_i].name, relation_is_only_one(&run.p->life, core_find(&run, "AAAAA01")),
                alike[_i].only);
}
END_TEST

START_TEST(mail_without_a_message_id_is_never_the_only_one)
{
    core_feed(&run, "smtpd: AAAAA02: client=c[192.0.2.9]\ncleanup: AAAAA02: message-id=<>\n");
    ck_assert(!relation_is_only_one(&run.p->life, core_find(&run, "AAAAA02")));
}
END_TEST

/* A mailbox server and a filter near by both take our mail: one redirects what the other one took,
 * but what is for the same recipient comes back only from where it went. */
static const struct {
    const char *name, *to, *origin;
} neighbours[] = {
    {"redirected", "x@c.example", "forward"},
    {"on its way to the mailbox", "u@example.net", "trusted"},
};

START_TEST(neighbour_brings_back_what_it_redirects)
{
    core_feed(&run,
              "smtp: AAAAA09: to=<v@example.net>, relay=f[10.0.0.31]:10025, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n"
              "lmtp: AAAAA01: to=<u@example.net>, relay=d[10.0.0.37]:24, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n"
              "smtpd: AAAAA02: client=f[10.0.0.31]\n"
              "cleanup: AAAAA02: message-id=<1@a.example>\n"
              "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA02: to=<%s>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n",
              neighbours[_i].to);
    run.now_s += 61;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    want_text(neighbours[_i].name, origin_name((enum origin)core_find(&run, "AAAAA02")->origin),
              neighbours[_i].origin);
}
END_TEST

/* Three filters that tell nothing, and the lines of one second in any order: the last leg comes
 * first, so that what a filter brought looks as if the socket had. */
static const struct {
    const char *name, *reply;
    bool is_filter;
} sockets[] = {
    {"one that says nothing of mailboxes", "250 2.0.0 Ok", true},
    {"Dovecot", "250 2.0.0 <u@example.net> 4OeNKx1947 Saved", false},
};

START_TEST(what_is_saved_is_not_given_back)
{
    for (int i = 10; i < 20; i++) {
        run.now_s += 60;
        core_feed(&run,
                  "smtpd: BBBB%02d1: client=b[192.0.2.2]\n"
                  "cleanup: BBBB%02d1: message-id=<%d@a.example>\n"
                  "qmgr: BBBB%02d1: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                  "smtpd: BBBB%02d2: client=localhost[127.0.0.1]\n"
                  "cleanup: BBBB%02d2: message-id=<%d@a.example>\n"
                  "qmgr: BBBB%02d2: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                  "lmtp: BBBB%02d2: to=<u@example.net>, relay=mx1[private/lmtp], delay=1, "
                  "dsn=2.0.0, status=sent (%s)\n"
                  "smtpd: BBBB%02d3: client=localhost[127.0.0.1]\n"
                  "cleanup: BBBB%02d3: message-id=<%d@a.example>\n"
                  "qmgr: BBBB%02d3: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: BBBB%02d3: to=<u@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                  "dsn=2.0.0, status=sent (250 taken)\n"
                  "smtp: BBBB%02d1: to=<u@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                  "dsn=2.0.0, status=sent (250 taken)\n",
                  i, i, i, i, i, i, i, i, i, sockets[_i].reply, i, i, i, i, i, i);
    }
    want_number(sockets[_i].name,
                site_door_is_filter(run.site, site_door(run.site, SPAN("mx1[private/lmtp]"))),
                sockets[_i].is_filter);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_relation");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, child_comes_from_this_host, children);
    ADD_ROWS(tc, mailbox_is_no_filter, takers);
    ADD_ROWS(tc, neighbour_brings_back_what_it_redirects, neighbours);
    tcase_add_test(tc, mail_on_its_way_to_the_same_door_did_not_come_back_from_it);
    ADD_ROWS(tc, message_id_of_one_message_tells_what_came_of_it, alike);
    tcase_add_test(tc, mail_without_a_message_id_is_never_the_only_one);
    ADD_ROWS(tc, whose_message_id_it_is_was_first, orders);
    ADD_ROWS(tc, what_is_saved_is_not_given_back, sockets);
    return run_suite("link_relation", tc);
}
