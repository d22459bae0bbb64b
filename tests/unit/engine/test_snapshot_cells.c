/* SPDX-License-Identifier: MIT */
#include "snapshot_cut.h"

/* Every table is at its bound: what is evicted must not depend on the restart. */
START_TEST(cut_under_pressure)
{
    char path[256];
    struct settings roomy = settings;

    settings.limits.messages = 40;
    settings.limits.finished = 16;
    settings.limits.recipients = 2;
    settings.limits.cells = 12;
    settings.limits.incidents = 3;
    settings.kind[KIND_OPEN_RELAY].recipients = 1;
    settings.kind[KIND_BACKSCATTER_SOURCE].notices = 1;
    settings.kind[KIND_BACKSCATTER_VICTIM].messages = 2;
    settings.kind[KIND_BACKSCATTER_VICTIM].clients = 1;
    settings.alert.end_after = 60 * US_PER_S;
    settings.alert.update_every = 10 * US_PER_S;
    snprintf(path, sizeof(path), CORPORA "%s/mail.log", labelled[_i]);
    check_log(path, NULL, CUTS);
    settings.limits = roomy.limits;
    settings.alert = roomy.alert;
    memcpy(settings.kind, roomy.kind, sizeof(settings.kind));
}
END_TEST

/* A bound below the number of cells: some are evicted, open incidents stay open. */
START_TEST(smaller_bound)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct settings small = settings;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    ck_assert_uint_eq(run.p->detector.cell_used, 10);
    struct bytes bytes = run_snapshot(&run);
    small.limits.cells = 8;
    ck_assert(run_resume(&rest, &small, CORPORA "open_relay/postconf-n.txt",
                         span_of(bytes.at, bytes.len), why));
    ck_assert_uint_eq(rest.p->detector.cell_used, 8);
    ck_assert_uint_eq(rest.p->detector.counters.cells_evicted, 2);
    run_messages(&rest, 200, 100);
    ck_assert_uint_eq(rest.p->detector.cell_used, 8);
    free(run_outcome(&rest));
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_cells");

    ADD_ROWS(tc, cut_under_pressure, labelled);
    tcase_add_test(tc, smaller_bound);
    return run_snapshot_suite("snapshot_cells", tc);
}
