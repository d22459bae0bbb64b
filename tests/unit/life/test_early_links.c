/* SPDX-License-Identifier: MIT */
/* How long a link is kept that a record names before its messages are known. */
#include "core_run.h"
#include "life/early_links.h"

static struct core_run run;

#define PARENT                                                                                     \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define CHILD(client, id)                                                                          \
    "cleanup: AAAAA02: message-id=<" id ">\n"                                                      \
    "smtpd: AAAAA02: client=" client "\n"                                                          \
    "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define QUEUED_AS                                                                                  \
    "smtp: AAAAA01: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "                 \
    "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAA02)\n"
#define NOTICE "bounce: AAAAA01: sender non-delivery notification: AAAAA02\n"
#define LOCAL  "localhost[127.0.0.1]"

START_TEST(it_is_forgotten_after_two_seconds)
{
    for (int later = EARLY_S; later <= EARLY_S + 1; later++) {
        core_begin(&run, NULL);
        core_feed(&run, PARENT QUEUED_AS);
        run.now_s += (uint32_t)later;
        core_feed(&run, CHILD(LOCAL, "1@a.example"));
        want_number("linked", core_find(&run, "AAAAA02")->origin,
                    later == EARLY_S ? ORIGIN_FILTER : ORIGIN_TRUSTED);
        core_end(&run);
    }
}
END_TEST

/* Another host's queue IDs are others. */
START_TEST(it_is_one_hosts)
{
    core_begin(&run, NULL);
    core_feed(&run, PARENT QUEUED_AS);
    run.host = "mx2";
    core_feed(&run, CHILD(LOCAL, "1@a.example"));
    want_number("kept", run.p->life.early_count, 1);
    core_end(&run);
}
END_TEST

START_TEST(the_oldest_is_forgotten_at_the_bound)
{
    core_begin(&run, NULL);
    for (int i = 0; i <= EARLY_MAX; i++) {
        core_feed(&run, "bounce: BBBB%02X: sender non-delivery notification: CCCC%02X\n", i, i);
        want_number("kept", run.p->life.early_count, i < EARLY_MAX ? i + 1 : EARLY_MAX);
        want_number("over", (int64_t)run.p->life.counters.early_over, i == EARLY_MAX);
    }
    run.now_s += EARLY_S + 1;
    core_feed(&run, NOTICE);
    want_number("kept", run.p->life.early_count, 1);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("early_links");

    tcase_add_test(tc, it_is_forgotten_after_two_seconds);
    tcase_add_test(tc, it_is_one_hosts);
    tcase_add_test(tc, the_oldest_is_forgotten_at_the_bound);
    return run_suite("early_links", tc);
}
