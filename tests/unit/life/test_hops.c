/* SPDX-License-Identifier: MIT */
/* g25 to g32 of the scenarios tell the stories. */
#include "life/hops.h"

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
    {"nobody here", 0, 0},        {"one", 1, 10},        {"two", 2, 20}, {"a hundred", 101, 1010},
    {"below the end", 102, 1022}, {"beyond", 110, 1022},
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
    struct message *top = delivered(1);
    core_feed(&run, "pickup: AAAAA02: uid=110 from=<a@a.example>\n"
                    "cleanup: AAAAA02: message-id=<1@a.b>\n"
                    "local: AAAAA02: to=<u0@example.net>, relay=local, delay=1, dsn=2.0.0, "
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
    bool of_parent, of_any;
} lists[] = {
    {"owner-u0@example.net", true, true},
    {"u0-owner@example.net", true, true},
    {"u0-bounces+bob=x.example@example.net", true, true},
    {"U0-request@lists.example.net", true, true},
    {"u0-bounces@stranger.example", false, false}, /* not under one of our domains */
    {"u9-bounces@example.net", false, true},       /* it did not go to that list */
    {"-bounces@example.net", false, false},
    {"owner-@example.net", false, false},
    {"u0@example.net", false, false},
    {"u0-owner", false, false},
};

START_TEST(list_is_one_that_got_the_mail)
{
    struct message *p = delivered(1);
    site_add_domain(run.site, SPAN("lists.example.net"), CLASS_OURS, false);
    core_feed(&run,
              "pickup: AAAAA03: uid=38 from=<x>\n"
              "qmgr: AAAAA03: from=<%s>, size=1, nrcpt=1 (queue active)\n",
              lists[_i].sender);
    struct message *c = core_find(&run, "AAAAA03");
    want_number(lists[_i].sender, hops_is_list(judge(), p, c), lists[_i].of_parent);
    want_number("of any", hops_is_list(judge(), NULL, c), lists[_i].of_any);
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

int main(void)
{
    TCase *tc = tcase_create("hops");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, ten_may_be_added_for_each_recipient_here, bounds);
    ADD_ROWS(tc, list_is_one_that_got_the_mail, lists);
    tcase_add_test(tc, one_bound_for_all_that_came_of_it);
    tcase_add_test(tc, own_uid_is_kept);
    return run_suite("hops", tc);
}
