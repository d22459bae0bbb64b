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

/* A flood's incident is over: after a day its sums are left, and the keys that had most. */
START_TEST(ended_incident_is_shortened)
{
    const uint32_t day = CORE_BEGIN_S - CORE_BEGIN_S % 86400 + 86400;
    const struct incident *list[8];

    again("[alert]\nend_after = 1h\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 2000; i++)
        for (int k = 0; k < (i == 1999 ? 3 : 1); k++)
            observe(relayed(i, 1, day));
    detector_tick(d, day + 7200);
    ck_assert_int_eq((int)incidents_in_order(d, list), 1);
    want_number("ended", list[0]->state, INCIDENT_ENDED);
    want_number("cells", d->cell_used, 2000);
    detector_tick(d, day + 86400);
    want_number("cells within a day", d->cell_used, 2000);
    detector_tick(d, day + 2 * 86400);
    want_number("cells", d->cell_used, 256);
    want_number("places", d->cell_count, 256);
    want_number("room", d->cell_room, 256);
    struct incident_view *view = malloc(sizeof(*view));
    incident_view_init(view, d, list[0]);
    want_number("messages", (int64_t)view->totals.messages, 2002);
    want_number("clients", (int64_t)view->clients, 2000);
    want_number("the one that had most", view->client_names.entry[0].count, 3);
    incident_view_done(view);
    free(view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("detector_room");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, old_cells_are_given_back);
    tcase_add_test(tc, ended_incident_is_shortened);
    return run_suite("detector_room", tc);
}
