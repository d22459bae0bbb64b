/* SPDX-License-Identifier: MIT */
/* The hops that a record names; h1 and on of the scenarios tell the stories. */
#include "core_run.h"

static struct core_run run;

#define PARENT                                                                                     \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define CHILD(client, id)                                                                          \
    "smtpd: AAAAA02: client=" client "\n"                                                          \
    "cleanup: AAAAA02: message-id=<" id ">\n"                                                      \
    "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define QUEUED_AS QUEUED_BY("127.0.0.1")
#define QUEUED_BY(name)                                                                            \
    "smtp: AAAAA01: to=<x@c.example>, relay=" name "[127.0.0.1]:10024, delay=1, "                  \
    "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAA02)\n"
#define FORWARDED                                                                                  \
    "local: AAAAA01: to=<u@example.net>, relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, "        \
    "status=sent (forwarded as AAAAA02)\n"
#define LOCAL "localhost[127.0.0.1]"

static const struct {
    const char *name, *lines;
    enum origin origin, root; /* of AAAAA02 */
} rows[] = {
    {"queued as", PARENT CHILD(LOCAL, "1@a.example") QUEUED_AS, ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"queued as, in the same second", PARENT QUEUED_AS CHILD(LOCAL, "1@a.example"), ORIGIN_FILTER,
     ORIGIN_OUTSIDE},
    {"by a name that begins with a bracket", PARENT QUEUED_BY("]") CHILD(LOCAL, "1@a.example"),
     ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"another message-id", PARENT CHILD(LOCAL, "2@a.example") QUEUED_AS, ORIGIN_TRUSTED,
     ORIGIN_NONE},
    {"a stranger brought it", PARENT CHILD("z[203.0.113.9]", "1@a.example") QUEUED_AS,
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
    {"forwarded as", PARENT "cleanup: AAAAA02: message-id=<1@a.example>\n" FORWARDED,
     ORIGIN_FORWARD, ORIGIN_OUTSIDE},
    {"forwarded as another client's", PARENT CHILD("z[203.0.113.9]", "2@a.example") FORWARDED,
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
    {"forwarded as one that has left since",
     PARENT CHILD("z[203.0.113.9]", "2@a.example") "qmgr: AAAAA02: removed\n" FORWARDED,
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
    {"forwarded as a login's",
     PARENT CHILD("z[203.0.113.9], sasl_method=PLAIN, sasl_username=bob", "2@a.example") FORWARDED,
     ORIGIN_ACCOUNT, ORIGIN_ACCOUNT},
    {"forwarded as a user's", PARENT "pickup: AAAAA02: uid=1000 from=<a@a.example>\n" FORWARDED,
     ORIGIN_LOCAL, ORIGIN_NONE},
};

START_TEST(a_named_hop_links_what_fits)
{
    core_begin(&run, NULL);
    core_feed(&run, "%s", rows[_i].lines);
    const struct message *m = core_find(&run, "AAAAA02");
    ck_assert_ptr_nonnull(m);
    want_number(rows[_i].name, m->origin, rows[_i].origin);
    want_number(rows[_i].name, m->root, rows[_i].root);
    core_end(&run);
}
END_TEST

/* A short ID may be in use in two queues, or have been: the reply names the one that fits. */
START_TEST(an_id_of_two_queues_is_the_one_that_fits)
{
    core_begin(&run, NULL);
    core_feed(&run, PARENT "postfix-out/qmgr: BBBBB01: removed\n"
                           "smtpd: AAAAA02: client=z[203.0.113.9]\n"
                           "cleanup: AAAAA02: message-id=<0@a.example>\n"
                           "qmgr: AAAAA02: removed\n"
                           "postfix-out/smtpd: AAAAA02: client=" LOCAL "\n"
                           "postfix-out/cleanup: AAAAA02: message-id=<1@a.example>\n" QUEUED_AS);
    want_number("links", (int64_t)run.p->life.counters.children, 1);
    want_number("refused", (int64_t)run.p->life.counters.doubtful_links, 0);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_hop");

    ADD_ROWS(tc, a_named_hop_links_what_fits, rows);
    tcase_add_test(tc, an_id_of_two_queues_is_the_one_that_fits);
    return run_suite("link_hop", tc);
}
