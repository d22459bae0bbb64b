/* SPDX-License-Identifier: MIT */
#include "engine/old_queue.h"
#include "core_run.h"
#include "engine/counters.h"

static struct core_run run;

static const struct {
    const char *name, *sender;
    int nrcpt;
    const char *more; /* lines after those of AAAAA01 */
    int warnings;
} rows[] = {
    {"as many as the threshold", "a@pills.example", 10, "", 1},
    {"one less", "a@pills.example", 9, "", 0},
    {"one of ours sent it", "a@example.net", 10, "", 0},
    {"the null sender", "", 10, "", 0},
    {"in two messages", "a@pills.example", 5,
     "qmgr: AAAAA02: from=<b@pills.example>, size=1, nrcpt=5 (queue active)\n", 1},
    {"of two domains", "a@pills.example", 5,
     "qmgr: AAAAA02: from=<b@other.example>, size=1, nrcpt=5 (queue active)\n", 0},
    {"it left", "a@pills.example", 10, "qmgr: AAAAA01: removed\n", 0},
    {"qmgr gave it up", "a@pills.example", 10,
     "qmgr: AAAAA01: from=<a@pills.example>, status=expired, returned to sender\n", 0},
    {"one was delivered", "a@pills.example", 10,
     "smtp: AAAAA01: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=900, "
     "delays=900/0/0/0, dsn=2.0.0, status=sent (ok)\n",
     0},
};

START_TEST(mail_from_before_the_log_is_said)
{
    core_begin(&run, "[open-relay]\nrecipients = 10\n");
    core_feed(&run, "qmgr: AAAAA01: from=<%s>, size=1, nrcpt=%d (queue active)\n%s",
              rows[_i].sender, rows[_i].nrcpt, rows[_i].more);
    pipeline_finish(run.p);
    pipeline_warn(run.p);
    pipeline_warn(run.p); /* once for a domain */
    want_number(rows[_i].name, (int64_t)site_warning_count(run.site), rows[_i].warnings);
    if (rows[_i].warnings)
        want_text(rows[_i].name, site_warning(run.site, 0)->code, "queue-of-unknown-origin");
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("old_queue");

    ADD_ROWS(tc, mail_from_before_the_log_is_said, rows);
    return run_suite("old_queue", tc);
}
