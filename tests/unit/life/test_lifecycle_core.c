/* SPDX-License-Identifier: MIT */
#include "core_run.h"
#include "life/hops.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

START_TEST(a_child_takes_over_what_its_chain_says)
{
    core_feed(&run, "smtpd: AAAAA01: client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
                    "smtpd: AAAAA02: client=localhost[127.0.0.1]\n");
    struct message *parent = core_find(&run, "AAAAA01"), *child = core_find(&run, "AAAAA02");
    lifecycle_set_parent(&run.p->life, child, parent, ORIGIN_FILTER, "a test");
    ck_assert(lifecycle_inherit(&run.p->life, child));
    want_number("root", child->root, ORIGIN_ACCOUNT);
    ck_assert(child->who == parent->who && child->client == parent->client);
    want_number("children", (int64_t)run.p->life.counters.children, 1);
}
END_TEST

/* Which holds whom it goes to where others hold the login. */
START_TEST(what_came_of_a_notice_is_of_the_login)
{
    core_feed(&run, "smtpd: AAAAA01: client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=ann\n"
                    "qmgr: AAAAA01: from=<bob@example.net>, size=1, nrcpt=1 (queue active)\n"
                    "smtp: AAAAA01: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
                    "dsn=5.1.1, status=bounced (no)\n"
                    "bounce: AAAAA01: sender non-delivery notification: AAAAA02\n"
                    "qmgr: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)\n"
                    "local: AAAAA02: to=<bob@example.net>, relay=local, delay=1, dsn=2.0.0, "
                    "status=sent (forwarded as AAAAA03)\n");
    struct message *notice = core_find(&run, "AAAAA02"), *on = core_find(&run, "AAAAA03");
    want_text("the notice", message_who(notice, WHO_NOTICE_TO)->at, "bob@example.net");
    want_text("sent on", message_who(on, WHO_LOGIN)->at, "ann");
}
END_TEST

START_TEST(nothing_is_taken_from_a_parent_that_does_not_know)
{
    core_feed(&run, "smtpd: AAAAA01: client=localhost[127.0.0.1]\n"
                    "smtpd: AAAAA02: client=localhost[127.0.0.1]\n");
    struct message *child = core_find(&run, "AAAAA02");
    ck_assert(!lifecycle_inherit(&run.p->life, child)); /* no parent */
    lifecycle_set_parent(&run.p->life, child, core_find(&run, "AAAAA01"), ORIGIN_FILTER, "a test");
    ck_assert(!lifecycle_inherit(&run.p->life, child));
    ck_assert(!message_has(child, MESSAGE_RESOLVED));
}
END_TEST

/* Two messages that name each other end, and nobody is blamed. */
START_TEST(a_circle_of_parents_ends)
{
    core_feed(&run, "smtpd: AAAAA01: client=localhost[127.0.0.1]\n"
                    "smtpd: AAAAA02: client=localhost[127.0.0.1]\n");
    struct message *a = core_find(&run, "AAAAA01"), *b = core_find(&run, "AAAAA02");
    lifecycle_set_parent(&run.p->life, a, b, ORIGIN_FILTER, "a test");
    lifecycle_set_parent(&run.p->life, b, a, ORIGIN_FILTER, "a test");
    lifecycle_stop_waiting(&run.p->life, a);
    lifecycle_stop_waiting(&run.p->life, b);
    want_number("root of a", a->root, ORIGIN_UNKNOWN);
    want_number("root of b", b->root, ORIGIN_UNKNOWN);
}
END_TEST

/* A notice is logged before the mail that it is about, which waits for the hops before, as long as
 * they may still tell whom it came for. The notice's cause is what comes of that. */
START_TEST(a_notice_waits_as_long_as_its_mail)
{
    core_feed(&run,
              "smtp: DDDDD01: to=<s@a.example>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n"
              "smtpd: AAAAA01: client=c[192.0.2.1]\n"
              "qmgr: AAAAA01: from=<s@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtpd: AAAAA02: client=localhost[127.0.0.1]\n"
              "qmgr: AAAAA02: from=<s@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA01: to=<u@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
              "dsn=2.0.0, status=sent (250 Ok: queued as AAAAA02)\n"
              "smtpd: AAAAA03: client=localhost[127.0.0.1]\n"
              "qmgr: AAAAA03: from=<s@a.example>, size=1, nrcpt=1 (queue active)\n");
    core_feed(&run,
              "smtp: AAAAA03: to=<u@gmail.com>, relay=mx[198.51.100.1]:25, delay=1, dsn=5.7.1, "
              "status=bounced (host mx[198.51.100.1] said: 550 spam)\n"
              "bounce: AAAAA03: sender non-delivery notification: DDDDD01\n"
              "qmgr: DDDDD01: from=<>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA02: to=<u@gmail.com>, orig_to=<u@example.net>, "
              "relay=127.0.0.1[127.0.0.1]:10026, delay=1, dsn=2.0.0, status=sent (250 Ok: queued "
              "as AAAAA03)\n");
    const struct message *notice = core_find(&run, "DDDDD01");
    run.now_s += 200;
    core_feed(&run, "smtpd: CCCCC01: client=c[192.0.2.1]\n");
    ck_assert(message_has(notice, MESSAGE_NOTICED));
    want_text("cause", cause_name((enum cause)notice->cause), "forward-refused");
}
END_TEST

/* A mail comes back twice: from machines near by, or brought by a uid. Then the first link turns
 * out to be wrong, and what came of it is not the login's any longer, nor another uid's. */
static const struct {
    const char *name, *front, *middle, *back;
    const char *root;
    int64_t uid; /* its own, which it is left with when it isn't linked either */
    const char *client;
} changes[] = {
    {"a machine near by, of a login's",
     "smtpd: AAAAA01: client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=bob",
     "smtpd: AAAAA02: client=ex1[10.0.0.5]", "smtpd: AAAAA03: client=ex2[10.0.0.6]", "trusted", 0,
     "localhost[127.0.0.1]"},
    {"a machine near by, of a user's", "pickup: AAAAA01: uid=1001 from=<a@a.example>",
     "smtpd: AAAAA02: client=ex1[10.0.0.5]", "smtpd: AAAAA03: client=ex2[10.0.0.6]", "trusted", 0,
     "localhost[127.0.0.1]"},
    {"a uid, of a login's",
     "smtpd: AAAAA01: client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=bob",
     "pickup: AAAAA02: uid=1002 from=<a@a.example>", "pickup: AAAAA03: uid=65 from=<a@a.example>",
     "local", 65, NULL},
    {"a uid, of a user's", "pickup: AAAAA01: uid=1001 from=<a@a.example>",
     "smtpd: AAAAA02: client=ex1[10.0.0.5]", "pickup: AAAAA03: uid=65 from=<a@a.example>",
     "trusted", 65, NULL},
};

static void link_to(const char *child, const char *parent)
{
    struct message *c = core_find(&run, child);

    c->flags |= MESSAGE_RETURNED;
    lifecycle_set_parent(&run.p->life, c, core_find(&run, parent), ORIGIN_FILTER, "a test");
}

START_TEST(what_it_noted_goes_with_the_root_that_it_had)
{
    core_feed(&run,
              "%s\nqmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "%s\nqmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "%s\nqmgr: AAAAA03: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n",
              changes[_i].front, changes[_i].middle, changes[_i].back);
    link_to("AAAAA03", "AAAAA02");
    link_to("AAAAA02", "AAAAA01");
    run.now_s += 200;
    core_feed(&run, "smtpd: CCCCC01: client=c[192.0.2.1]\n"); /* all are resolved */
    struct message *c = core_find(&run, "AAAAA03");
    want_number(changes[_i].name, c->root, core_find(&run, "AAAAA01")->root);
    lifecycle_unlink(&run.p->life, core_find(&run, "AAAAA02"));
    core_feed(&run, "smtp: AAAAA03: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
                    "dsn=2.0.0, status=sent (ok)\n");
    want_text(changes[_i].name, origin_name(c->root), changes[_i].root);
    if (message_has(c, MESSAGE_PICKED_UP))
        want_number(changes[_i].name, hops_own_uid(c), changes[_i].uid);
    lifecycle_unlink(&run.p->life, c);
    want_number(changes[_i].name, c->uid, changes[_i].uid);
    ck_assert_ptr_null(c->who);
    if (changes[_i].client)
        want_text(changes[_i].name, intern_span(c->client).len ? c->client->at : "",
                  changes[_i].client);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("lifecycle_core");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_child_takes_over_what_its_chain_says);
    tcase_add_test(tc, what_came_of_a_notice_is_of_the_login);
    tcase_add_test(tc, nothing_is_taken_from_a_parent_that_does_not_know);
    tcase_add_test(tc, a_circle_of_parents_ends);
    tcase_add_test(tc, a_notice_waits_as_long_as_its_mail);
    ADD_ROWS(tc, what_it_noted_goes_with_the_root_that_it_had, changes);
    return run_suite("lifecycle_core", tc);
}
