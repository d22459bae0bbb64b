/* SPDX-License-Identifier: MIT */
/* Sweeps free what is no longer needed. */
#include "base/buf.h"
#include "detect/cell.h"
#include "detector_run.h"

/* The window is an hour; cells are freed after two. */
START_TEST(old_cells_are_freed)
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
    const uint32_t over = at + 86400 + 3600; /* a day, and the window */
    sweep(at, over);
    want_number("cells after a day and an hour", d->cell_used, 20000);
    sweep(over, over + 59);
    want_number("cells within the minute", d->cell_used, 20000);
    sweep(over + 59, over + 60);
    want_number("in another kind's minute", d->cell_used, 20000);
    sweep(over + 60, over + 600);
    want_number("what is queued stays", d->cell_used, 1);
    want_number("room", d->cell_room, 128);
    want_number("texts", run.p->texts.used < 2 * DOMAIN_MEMOS + 20, 1);
    detector_queue(d, queued, -1, 0);
    sweep(over + 600, over + 1200);
    want_number("nothing", d->cell_used, 0);
    observe(relayed(1, 1, at + 200000));
    want_number("and a new one", d->cell_used, 1);
}
END_TEST

/* Every incident's JSON; the caller frees it. */
static char *outcome(struct detector *d)
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
    want_number("incidents", count > 0, 1);
    return buf_take(&out);
}

/* Two clients of one network, the second in the slot before or after the first one's. */
static char *two_clients(bool before)
{
    static const int clients[] = {1, 1, 2, 1, 2, 1, 2, 1, 2, 2};
    const uint32_t at = CORE_BEGIN_S + 60, later = at + 92000;

    again("");
    struct detector *d = &run.p->detector;
    observe(relayed(65536, 9, at)); /* has the first slot, which may be freed in time or not */
    for (uint64_t i = 0; i < COUNT(clients); i++) {
        struct observation o = relayed(clients[i], 1, later);
        o.id = (struct queue_id){.lo = i + 1, .hi = 1};
        detector_observe(d, &o);
        if (i == 0 && before)
            sweep(later - 600, later);
    }
    want_number("slots", d->cell_count, before ? 2 : 3);
    return outcome(d);
}

START_TEST(slots_of_cells_do_not_matter)
{
    char *behind = two_clients(false), *before = two_clients(true);

    want_long_text("before", before, behind);
    free(behind);
    free(before);
}
END_TEST

static struct observation stolen(uint32_t at_s)
{
    return (struct observation){.kind = KIND_ACCOUNT_ABUSE,
                                .at_s = at_s,
                                .client = SPAN("unknown[203.0.113.5]"),
                                .sender = SPAN("bob@example.net"),
                                .account = SPAN("bob"),
                                .recipient_domain = SPAN("victim.example"),
                                .status = STATUS_SENT,
                                .first = true,
                                .counts = true};
}

/* A smoke screen: a botnet's incident fills the table while somebody uses a stolen account. */
START_TEST(no_kind_is_hidden_by_another)
{
    again("[limits]\ncells = 1000\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 20000; i++) {
        observe(relayed(i, i, CORE_BEGIN_S + (uint32_t)i / 10));
        if (i % 100 == 99)
            observe(stolen(CORE_BEGIN_S + (uint32_t)i / 10));
    }
    want_number("cells", d->cell_used, 1000);
    uint32_t accounts = 0;
    const struct incident *incident = NULL;
    while ((incident = detector_next_incident(d, incident)) != NULL)
        accounts += incident->kind == KIND_ACCOUNT_ABUSE;
    want_number("accounts", accounts, 1);
}
END_TEST

/* A full table loses the cell that has been silent longest, which ten of them never are. */
START_TEST(the_oldest_goes_first)
{
    enum { CELLS = 1000, MANY = 5000, BUSY = 10, APART = 47 };
    struct cell_ref ref[MANY];
    uint32_t left = 0, oldest = MANY, kept = 0;

    again("[limits]\ncells = 1000\n[open-relay]\nrecipients = 100000\n");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < MANY; i++) {
        uint32_t at_s = d->hosts->host[0].ticked_s = CORE_BEGIN_S + (uint32_t)i / 10;
        ref[i] = observe(relayed(i, i, at_s));
        for (int k = 0; k < BUSY && i && i % 500 == 0; k++)
            ref[k * APART] = observe(relayed(k * APART, k * APART, at_s));
    }
    for (uint32_t i = 0; i < MANY; i++) {
        const struct cell *cell = cell_deref(d, ref[i]);
        if (cell && i % APART == 0 && i < BUSY * APART) {
            kept += (uint32_t)cell->totals.messages;
        } else if (cell) {
            oldest = i < oldest ? i : oldest;
            left++;
        }
    }
    want_number("messages of the busy ones", kept, (uint64_t)BUSY * MANY / 500);
    want_number("others", left, CELLS - BUSY);
    want_number("the last ones, but for a few", oldest >= MANY - (CELLS - BUSY) - 5, true);
}
END_TEST

/* What a key counted is still in its cell when the key has been dropped. */
START_TEST(a_dropped_key_counts_on)
{
    again("[limits]\ncells = 1000\n[open-relay]\nrecipients = 50\nwide_factor = 1000\n");
    for (int i = 0; i < 100; i++)
        observe((struct observation){.kind = KIND_BACKSCATTER_VICTIM,
                                     .at_s = CORE_BEGIN_S + 1,
                                     .client = SPAN("unknown[203.0.113.5]"),
                                     .recipient = SPAN("a@example.net"),
                                     .status = STATUS_SENT,
                                     .first = true,
                                     .counts = true});
    for (int i = 0; i < 49; i++)
        observe(relayed(0, 0, CORE_BEGIN_S + 2));
    for (int i = 1; i < 700; i++) {
        observe(relayed(i * 256, i, CORE_BEGIN_S + 3));
        observe(relayed(i * 256, i, CORE_BEGIN_S + 3));
    }
    want_number("keys dropped", run.p->detector.counters.keys_refused > 0, 1);
    want_number("none yet", run.events[INCIDENT_RAISED], 0);
    observe(relayed(0, 0, CORE_BEGIN_S + 4));
    want_number("raised", run.events[INCIDENT_RAISED], 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("evict");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, old_cells_are_freed);
    tcase_add_test(tc, the_oldest_goes_first);
    tcase_add_test(tc, no_kind_is_hidden_by_another);
    tcase_add_test(tc, a_dropped_key_counts_on);
    tcase_add_test(tc, slots_of_cells_do_not_matter);
    return run_suite("evict", tc);
}
