/* SPDX-License-Identifier: MIT */
/* What is over is given back. */
#include "detector_run.h"

/* What nothing counts any more is given back: an hour is the window. */
START_TEST(old_cells_are_given_back)
{
    again("[open-relay]\nrecipients = 100000\n");
    struct detector *d = &run.p->detector;
    const uint32_t at = CORE_BEGIN_S + 60;
    struct cell_ref queued = {0, 0};
    for (int i = 0; i < 20000; i++) {
        struct cell_ref ref = observe(relayed(i, i, at));
        if (i == 100)
            detector_queue(d, queued = ref, 1, 0);
    }
    want_number("cells", d->cell_used, 20000);
    detector_tick(d, at);
    detector_tick(d, at + 7200);
    want_number("cells after two hours", d->cell_used, 20000);
    detector_tick(d, at + 7201 + 60);
    ck_assert_msg(d->cell_used < 20000 && d->cell_used > 17000, "got %u", d->cell_used);
    detector_tick(d, at + 7201 + 600);
    want_number("what is queued stays", d->cell_used, 1);
    want_number("room", d->cell_room, 128);
    want_number("texts", run.p->texts.used < 2 * DOMAIN_MEMOS + 20, 1);
    detector_queue(d, queued, -1, 0);
    detector_tick(d, at + 7201 + 1200);
    want_number("nothing", d->cell_used, 0);
    observe(relayed(1, 1, at + 100000));
    want_number("and a new one", d->cell_used, 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("detector_room");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, old_cells_are_given_back);
    return run_suite("detector_room", tc);
}
