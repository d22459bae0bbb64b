/* SPDX-License-Identifier: MIT */
/* What is over is given back. */
#include "buf.h"
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

/* Every incident's JSON, for free(). */
static char *outcome(const struct detector *d)
{
    const struct incident *list[64];
    struct incident_view *view = malloc(sizeof(*view));
    struct buf out = buf_new(1 << 22);

    ck_assert_uint_le(d->incident_count, 64);
    uint32_t count = incidents_in_order(d, list);
    for (uint32_t i = 0; i < count; i++) {
        incident_view_init(view, d, list[i]);
        json_t *json = incident_json(view);
        char *text = json_dumps(json, JSON_COMPACT);
        buf_printf(&out, "%s\n", text);
        free(text);
        json_decref(json);
        incident_view_done(view);
    }
    free(view);
    want_number("incidents", count, 3);
    return buf_take(&out);
}

/* A day of clients that come and go, and three attacks. */
static char *a_day(bool every_minute)
{
    uint64_t random = 1;
    uint32_t now_s = CORE_BEGIN_S;

    again("[alert]\nend_after = 1h\n[open-relay]\nwide_factor = 1000\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 6000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        bool attack = i % 2000 > 1850;
        int client = attack ? (int)(random >> 40) % 50 + 65536 : (int)(random >> 40) % 3000 * 256;
        struct observation o = relayed(client, attack ? 1 : (int)(random >> 33) % 20000, now_s);
        o.first = true;
        o.id = (struct queue_id){.lo = (uint64_t)i + 1, .hi = 1};
        detector_tick(d, now_s);
        detector_observe(d, &o);
        for (uint32_t to = now_s + (i % 4 ? 0 : 60); now_s < to; now_s++)
            if (every_minute && now_s % 60 == 0)
                detector_tick(d, now_s);
    }
    detector_tick(d, now_s + 86400);
    return outcome(d);
}

/* The daemon's clock looks in between, a scan's does not: both come to the same. */
START_TEST(when_it_is_looked_at_does_not_matter)
{
    char *lines_only = a_day(false), *with_clock = a_day(true);

    ck_assert_str_eq(with_clock, lines_only);
    free(lines_only);
    free(with_clock);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("detector_room");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, old_cells_are_given_back);
    tcase_add_test(tc, when_it_is_looked_at_does_not_matter);
    return run_suite("detector_room", tc);
}
