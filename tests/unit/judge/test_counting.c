/* SPDX-License-Identifier: MIT */
#include "judge/counting.h"

#include "core_run.h"
#include "detect/cell.h"
#include "judge_lines.h"

static struct core_run run;

static const struct totals *totals(const char *id)
{
    struct message *m = core_find(&run, id);

    ck_assert_ptr_nonnull(m);
    return &cell_deref(&run.p->detector, counting_cell_of(m))->totals;
}

/* A message counts once, however many recipients and queue files it has; each queue file is queued
 * until it leaves. */
START_TEST(a_message_counts_once)
{
    core_begin(&run, NULL);
    core_feed(&run, STRANGER FROM("a@a.example") SMTP("x@b.example") SMTP("y@b.example"));
    want_number("messages", (int64_t)totals("AAAAA01")->messages, 1);
    want_number("recipients", (int64_t)totals("AAAAA01")->recipients, 2);
    want_number("queued", (int64_t)totals("AAAAA01")->queued, 1);
    core_feed(&run, "postsuper: AAAAA01: placed on hold");
    want_number("held", (int64_t)totals("AAAAA01")->held, 1);
    core_feed(&run, "qmgr: AAAAA01: removed");
    want_number("left", (int64_t)totals("AAAAA01")->queued, 0);
    want_number("not held", (int64_t)totals("AAAAA01")->held, 0);
    core_end(&run);
}
END_TEST

START_TEST(it_goes_on_under_another_id)
{
    core_begin(&run, NULL);
    core_feed(&run,
              STRANGER FROM("a@a.example")
                  DEFER("x@b.example") "qmgr: AAAAA01: removed\npickup: BBBBB01: uid=89 from=<a> "
                                       "orig_id=AAAAA01\n");
    want_number("messages", (int64_t)totals("BBBBB01")->messages, 1);
    want_number("queued", (int64_t)totals("BBBBB01")->queued, 1);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("counting");

    tcase_add_test(tc, a_message_counts_once);
    tcase_add_test(tc, it_goes_on_under_another_id);
    return run_suite("counting", tc);
}
