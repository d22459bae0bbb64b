/* SPDX-License-Identifier: MIT */
#include "detect/host_scopes.h"

#include "core_run.h"
#include "detect/scope.h"

START_TEST(room_only_grows)
{
    static const int rows[][2] = {{1, 64}, {64, 64}, {65, 65}, {4096, 4096}, {3, 4096}};
    static struct core_run run;

    core_begin(&run, NULL);
    struct detector *d = &run.p->detector;
    d->scope[scope_number(63, 0, 0)].dirty = true;
    for (int i = 0; i < COUNT(rows); i++) {
        ck_assert(host_scopes_reserve(d, (uint16_t)rows[i][0]));
        want_number("room", d->scope_count, scope_number((uint16_t)rows[i][1], 0, 0));
    }
    want_number("what was there", d->scope[scope_number(63, 0, 0)].dirty, 1);
    want_number("what is new", d->scope[scope_number(4095, 0, 0)].dirty, 0);
    core_end(&run);
}
END_TEST

/* The same evidence on two hosts; test_pipeline_hosts has the story. */
START_TEST(only_that_host_is_forgotten)
{
    static struct core_run run;

    core_begin(&run, NULL);
    for (int i = 0; i < 2; i++) {
        run.host = i ? "mx2" : "mx1";
        core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.1]\n"
                        "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                        "smtp: AAAAA01: to=<x@victim.example>, relay=h[198.51.100.1]:25, delay=1, "
                        "dsn=2.0.0, status=sent (ok)");
    }
    struct detector *d = &run.p->detector;
    want_number("cells", d->cell_used, 2);
    host_scopes_forget(d, 0, run.now_s);
    want_number("cells", d->cell_used, 1);
    want_number("mx1", d->scope[scope_number(0, KIND_OPEN_RELAY, 0)].cells, 0);
    want_number("mx2", d->scope[scope_number(1, KIND_OPEN_RELAY, 0)].cells, 1);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("host_scopes");

    tcase_add_test(tc, room_only_grows);
    tcase_add_test(tc, only_that_host_is_forgotten);
    return run_suite("host_scopes", tc);
}
