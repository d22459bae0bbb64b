/* SPDX-License-Identifier: MIT */
/* g25 to g32 of the scenarios tell the stories. */
#include "life/hops.h"

#include "core_run.h"
#include "site/site_doors.h"
#include "site/site_hops.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static struct judge *judge(void)
{
    return &run.p->judge;
}

/* A message that was delivered here to that many recipients. */
static struct message *delivered(int recipients)
{
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\ncleanup: AAAAA01: message-id=<1@a.b>\n"
                    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n");
    for (int i = 0; i < recipients; i++)
        core_feed(&run,
                  "local: AAAAA01: to=<u%d@example.net>, relay=local, delay=1, dsn=2.0.0, "
                  "status=sent (ok)\n",
                  i);
    return core_find(&run, "AAAAA01");
}

static const struct {
    const char *name;
    int recipients;
    uint32_t most;
} bounds[] = {
    {"nobody here", 0, 0},      {"one", 1, 10},      {"two", 2, 20}, {"forty", 40, 400},
    {"below the end", 51, 510}, {"beyond", 60, 510},
};

START_TEST(ten_may_be_added_for_each_recipient_here)
{
    struct message *m = delivered(bounds[_i].recipients);
    if (bounds[_i].most)
        ck_assert(hops_may_add(judge(), m, bounds[_i].most));
    ck_assert(!hops_may_add(judge(), m, bounds[_i].most + 1));
    hops_add(judge(), m, bounds[_i].most);
    ck_assert(!hops_may_add(judge(), m, 1));
    hops_add(judge(), m, 5000); /* stops at the end of the counter */
    want_number(bounds[_i].name, m->forwards, MESSAGE_FORWARDS_MAX);
}
END_TEST

/* What came of a message shares its bound. */
START_TEST(one_bound_for_all_that_came_of_it)
{
    struct message *top = delivered(0);
    core_feed(&run, "pipe: AAAAA01: to=<u0@example.net>, relay=filter, delay=1, dsn=2.0.0, "
                    "status=sent (ok)\n"
                    "pickup: AAAAA02: uid=110 from=<a@a.example>\n"
                    "cleanup: AAAAA02: message-id=<1@a.b>\n"
                    "virtual: AAAAA02: to=<u0@example.net>, relay=virtual, delay=1, dsn=2.0.0, "
                    "status=sent (ok)\n");
    struct message *m = core_find(&run, "AAAAA02");
    want_number("parent", m->parent.slot, top->slot);
    hops_add(judge(), m, 10);
    want_number("counted", top->forwards, 10);
    ck_assert(!hops_may_add(judge(), m, 1));
    ck_assert(!hops_may_add(judge(), top, 1));
}
END_TEST

static const struct {
    const char *sender;
    enum hops_list of_parent, of_any;
} lists[] = {
    {"owner-u0@example.net", HOPS_LIST, HOPS_LIST},
    {"u0-owner@example.net", HOPS_LIST, HOPS_LIST},
    {"u0-bounces+bob=x.example@example.net", HOPS_LIST, HOPS_LIST},
    {"U0-request@lists.example.net", HOPS_LIST, HOPS_LIST},
    {"u0-bounces@stranger.example", HOPS_NO_LIST, HOPS_NO_LIST}, /* not under one of ours */
    {"u9-bounces@example.net", HOPS_NO_LIST, HOPS_LIST},         /* it did not go to that list */
    {"-bounces@example.net", HOPS_NO_LIST, HOPS_NO_LIST},
    {"owner-@example.net", HOPS_NO_LIST, HOPS_NO_LIST},
    {"u0@example.net", HOPS_NO_LIST, HOPS_NO_LIST},
    {"u0-owner", HOPS_NO_LIST, HOPS_NO_LIST},
};

START_TEST(list_is_one_that_got_the_mail)
{
    struct message *p = delivered(0);
    site_add_domain(run.site, SPAN("lists.example.net"), CLASS_OURS, false);
    core_feed(&run,
              "pipe: AAAAA01: to=<u0@example.net>, relay=sympa, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n"
              "pickup: AAAAA03: uid=38 from=<x>\n"
              "qmgr: AAAAA03: from=<%s>, size=1, nrcpt=1 (queue active)\n",
              lists[_i].sender);
    struct message *c = core_find(&run, "AAAAA03");
    want_number(lists[_i].sender, hops_list_of(judge(), p, c), lists[_i].of_parent);
    want_number("of any", hops_list_of(judge(), NULL, c), lists[_i].of_any);
}
END_TEST

#define COMMAND(name)                                                                              \
    "local: AAAAA01: to=<u0@example.net>, relay=local, delay=1, dsn=2.0.0, status=sent "           \
    "(delivered to command: " name ")"
#define BY(program, relay, reply)                                                                  \
    program ": AAAAA01: to=<u0@example.net>, relay=" relay                                         \
            ", delay=1, dsn=2.0.0, status=sent (" reply ")"

static const struct {
    const char *name, *delivery, *accept;
    enum hops_list list, of_any;
} servers[] = {
    {"a pipe service", BY("pipe", "sympa", "x"), "pickup: AAAAA03: uid=999 from=<x>", HOPS_LIST,
     HOPS_LIST},
    {"a person's uid", BY("pipe", "sympa", "x"), "pickup: AAAAA03: uid=1000 from=<x>",
     HOPS_SMALL_LIST, HOPS_SMALL_LIST},
    {"the last of persons' uids", BY("pipe", "sympa", "x"), "pickup: AAAAA03: uid=61183 from=<x>",
     HOPS_SMALL_LIST, HOPS_SMALL_LIST},
    {"the first of systemd's", BY("pipe", "sympa", "x"), "pickup: AAAAA03: uid=61184 from=<x>",
     HOPS_LIST, HOPS_LIST},
    {"nobody", BY("pipe", "sympa", "x"), "pickup: AAAAA03: uid=65534 from=<x>", HOPS_LIST,
     HOPS_LIST},
    {"a person's uid of a directory", BY("pipe", "sympa", "x"),
     "pickup: AAAAA03: uid=65535 from=<x>", HOPS_SMALL_LIST, HOPS_SMALL_LIST},
    {"by SMTP", COMMAND("/var/lib/mailman/mail/mailman post u0"),
     "smtpd: AAAAA03: client=localhost[127.0.0.1]", HOPS_LIST, HOPS_LIST},
    {"a mailbox", BY("local", "local", "delivered to mailbox"), "pickup: AAAAA03: uid=38 from=<x>",
     HOPS_SMALL_LIST, HOPS_LIST},
    {"a filter that was told", BY("smtp", "127.0.0.1[127.0.0.1]:10024", "250 Ok"),
     "pickup: AAAAA03: uid=38 from=<x>", HOPS_SMALL_LIST, HOPS_LIST},
};

START_TEST(list_server_is_a_program_of_the_system)
{
    struct message *p = delivered(0);
    core_feed(
        &run,
        "%s\n%s\nqmgr: AAAAA03: from=<u0-owner@example.net>, size=1, nrcpt=1 (queue active)\n",
        servers[_i].delivery, servers[_i].accept);
    struct message *c = core_find(&run, "AAAAA03");
    want_number(servers[_i].name, hops_list_of(judge(), p, c), servers[_i].list);
    want_number(servers[_i].name, hops_list_of(judge(), NULL, c), servers[_i].of_any);
    want_number(servers[_i].name, hops_hash_of_list(judge(), c) == message_recipients(p)[0].hash,
                true);
}
END_TEST

START_TEST(door_that_returns_mail_is_no_list_server)
{
    struct message *p = delivered(0);
    core_feed(&run,
              "%s\npickup: AAAAA03: uid=38 from=<x>\n"
              "qmgr: AAAAA03: from=<u0-owner@example.net>, size=1, nrcpt=1 (queue active)\n",
              servers[0].delivery);
    struct message *c = core_find(&run, "AAAAA03");
    want_number("before", hops_list_of(judge(), p, c), HOPS_LIST);
    site_door_returns(run.site, message_recipients(p)[0].door);
    want_number("after", hops_list_of(judge(), p, c), HOPS_SMALL_LIST);
}
END_TEST

/* Mail of a user that another one brings back keeps both. */
START_TEST(own_uid_is_kept)
{
    core_feed(&run, "pickup: AAAAA01: uid=33 from=<a@a.example>\n"
                    "cleanup: AAAAA01: message-id=<1@a.b>\n"
                    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                    "local: AAAAA01: to=<u0@example.net>, relay=local, delay=1, dsn=2.0.0, "
                    "status=sent (ok)\n"
                    "pickup: AAAAA02: uid=1001 from=<a@a.example>\n"
                    "cleanup: AAAAA02: message-id=<1@a.b>\n"
                    "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                    "smtp: AAAAA02: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
                    "dsn=2.0.0, status=sent (ok)\n");
    struct message *c = core_find(&run, "AAAAA02");
    want_text("origin", origin_name((enum origin)c->origin), "forward");
    want_number("the root's", c->uid, 33);
    want_number("its own", hops_own_uid(c), 1001);
    ck_assert(!hops_is_of_same_user(core_find(&run, "AAAAA01"), c));
    lifecycle_unlink(&run.p->life, c);
    want_number("after all", c->uid, 1001);
    ck_assert(hops_is_undone(c));
}
END_TEST

/* Of two machines near by, one took the mail and the other brought it. */
static const struct {
    const char *name, *login, *bringer;
} bringers[] = {
    {"a stranger's", "", "ex2[10.0.0.6]"},
    {"a login's, whose name is in that place", ", sasl_method=PLAIN, sasl_username=bob",
     "[10.0.0.5]"},
};

START_TEST(machine_that_brought_it_is_kept)
{
    core_feed(&run,
              "smtp: AAAAA09: to=<x@example.net>, relay=ex2[10.0.0.6]:25, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n"
              "smtpd: AAAAA01: client=b[192.0.2.2]%s\n"
              "cleanup: AAAAA01: message-id=<1@a.b>\n"
              "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA01: to=<u@example.net>, relay=ex1[10.0.0.5]:25, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n"
              "smtpd: AAAAA02: client=ex2[10.0.0.6]\n"
              "cleanup: AAAAA02: message-id=<1@a.b>\n"
              "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA02: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
              "dsn=2.0.0, status=sent (ok)\n",
              bringers[_i].login);
    struct message *c = core_find(&run, "AAAAA02");
    want_text("origin", origin_name((enum origin)c->origin), "forward");
    want_text("the root's", c->client->at, "b[192.0.2.2]");
    lifecycle_unlink(&run.p->life, c);
    want_text(bringers[_i].name, c->client->at, bringers[_i].bringer);
    ck_assert_ptr_null(c->who);
}
END_TEST

START_TEST(within_a_second_nothing_contradicts_the_settings)
{
    struct message *p = delivered(1), c = *p;
    struct recipient *r = &message_recipients(p)[0];

    r->door = site_door(run.site, SPAN("ses"));
    ck_assert(hops_may_be_from(run.site, r, p, &c));
    site_add_exit_service(run.site, SPAN("ses"));
    ck_assert(!hops_may_be_from(run.site, r, p, &c));
    c.begun_s++;
    ck_assert(hops_may_be_from(run.site, r, p, &c));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hops");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, ten_may_be_added_for_each_recipient_here, bounds);
    ADD_ROWS(tc, list_is_one_that_got_the_mail, lists);
    ADD_ROWS(tc, list_server_is_a_program_of_the_system, servers);
    tcase_add_test(tc, door_that_returns_mail_is_no_list_server);
    tcase_add_test(tc, one_bound_for_all_that_came_of_it);
    tcase_add_test(tc, own_uid_is_kept);
    ADD_ROWS(tc, machine_that_brought_it_is_kept, bringers);
    tcase_add_test(tc, within_a_second_nothing_contradicts_the_settings);
    return run_suite("hops", tc);
}
