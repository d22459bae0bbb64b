/* SPDX-License-Identifier: MIT */
/* How long a link is kept that a record names before its messages are known. */
#include "core_run.h"
#include "early_lines.h"
#include "life/early_links.h"

static struct core_run run;

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
