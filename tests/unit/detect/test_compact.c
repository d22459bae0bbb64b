/* SPDX-License-Identifier: MIT */
/* What is shown of an ended incident does not change when its cells are merged. */
#include "detect/compact.h"
#include "detect/detector.h"
#include "detect/cell.h"
#include "detect/incidents.h"
#include "detect/scope.h"
#include "detect/ticks.h"
#include "detector_run.h"

enum { AT_S = CORE_BEGIN_S + 60, HOURS_S = 4 * 3600 };

/* The one incident's JSON; the caller frees it. */
static char *shown(void)
{
    struct incident_view *view = malloc(sizeof(*view));

    incident_view_init(view, &run.p->detector, core_incident(&run));
    json_t *json = incident_json(view);
    char *text = json_dumps(json, JSON_INDENT(1));
    incident_view_done(view);
    json_decref(json);
    free(view);
    ck_assert_ptr_nonnull(text);
    return text;
}

/* A client and a domain each, except that every tenth repeats the client and domain before it. */
static struct observation one_of(int i)
{
    struct observation o = relayed(i - (i % 10 == 9), i - (i % 10 == 9), AT_S + (uint32_t)i % 100);

    o.id = (struct queue_id){.lo = (uint64_t)i + 1, .hi = 1};
    o.message_id = SPAN("<a@spam.example>");
    if (i % 3 == 0)
        o.recipient_domain = SPAN("other.example");
    if (i % 5 == 0)
        o.status = STATUS_DEFERRED;
    return o;
}

static void attack(int count)
{
    again("");
    for (int i = 0; i < count; i++)
        observe(one_of(i));
}

/* Ends the incident: its JSON before any sweep, and after all of them. */
static void end_it(char **ended, char **swept)
{
    struct detector *d = &run.p->detector;

    detector_tick(d, 0, AT_S + HOURS_S);
    *ended = shown();
    ck_assert_msg(strstr(*ended, "\"state\": \"ended\"") != NULL, "got %.900s", *ended);
    sweep(AT_S + HOURS_S, AT_S + HOURS_S + 600);
    *swept = shown();
}

START_TEST(nothing_that_is_shown_changes)
{
    static const int counts[] = {6, 100, 200};
    char *ended, *swept;

    for (size_t i = 0; i < COUNT(counts); i++) {
        attack(counts[i]);
        end_it(&ended, &swept);
        want_long_text("swept", swept, ended);
        free(ended);
        free(swept);
    }
    want_number("cells of 200, nine in ten their own", run.p->detector.cell_used,
                SAMPLED_CELLS + 1);
}
END_TEST

static void want_view(const char *when, int count)
{
    struct incident_view *view = malloc(sizeof(*view));
    int own = count * 9 / 10, listed = own < TALLY_CLIENTS_MAX ? own : TALLY_CLIENTS_MAX;

    incident_view_init(view, &run.p->detector, core_incident(&run));
    want_number(when, (int64_t)view->totals.recipients, count);
    want_number(when, (int64_t)view->totals.deferred, count / 5);
    want_number(when, view->totals.first_s, AT_S);
    want_number(when, view->totals.last_s, AT_S + 99);
    want_number(when, (int64_t)(view->clients - view->client_names.more), listed);
    want_number(when, (int64_t)view->domains, listed);
    want_number(when, view->sample_count, 10);
    want_number(when, (int64_t)view->sample[0].id.lo, 1);
    want_number(when, view->recipient_domains.count, 2);
    if (own < TALLY_CLIENTS_MAX) /* a client that was seen twice */
        want_text(when, view->client_names.entry[0].text->at, "100.0.0.108");
    incident_view_done(view);
    free(view);
}

/* A flood's lists are shortened, its figures are not. */
START_TEST(figures_of_a_flood_stay)
{
    static const int counts[] = {200, 2000, 20000};
    char *ended, *swept;

    for (size_t i = 0; i < COUNT(counts); i++) {
        attack(counts[i]);
        struct detector *d = &run.p->detector;
        want_number("cells", d->cell_used, counts[i] * 9 / 10);
        want_view("before", counts[i]);
        end_it(&ended, &swept);
        free(ended);
        free(swept);
        want_view("after", counts[i]);
        want_number("cells", d->cell_used, SAMPLED_CELLS + 1);
        want_number("room", d->cell_room <= 256, 1);
        /* Those of the sampled cells, of the remainder's 256 per list, and of the domain memo. */
        ck_assert_msg(run.p->texts.used < 3 * 256 + 60 + 2 * DOMAIN_MEMOS, "got %u texts",
                      run.p->texts.used);
        incidents_drop(d, &d->incident[0]);
        want_number("nothing is left", d->cell_used, 0);
        want_number("texts", run.p->texts.used < 2 * DOMAIN_MEMOS + 20, 1);
    }
}
END_TEST

/* A message that is still queued keeps its cell, and what becomes of it is counted. */
START_TEST(queued_messages_are_still_counted)
{
    struct cell_ref ref = {0, 0};
    char *ended, *swept;

    again("");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 100; i++) {
        struct cell_ref of = observe(one_of(i));
        if (i == 50)
            detector_queue(d, ref = of, 1, 0);
    }
    end_it(&ended, &swept);
    want_long_text("swept", swept, ended);
    free(ended);
    free(swept);
    want_number("cells", d->cell_used, SAMPLED_CELLS + 2);
    ck_assert_ptr_eq(detector_incident_of(d, ref), core_incident(&run));
    detector_status(d, ref, STATUS_DEFERRED, STATUS_BOUNCED, AT_S + HOURS_S + 700);
    detector_queue(d, ref, -1, 0);
    char *before = shown();
    ck_assert_msg(strstr(before, "\"bounced\": 1") != NULL, "got %.900s", before);
    sweep(AT_S + HOURS_S + 600, AT_S + HOURS_S + 1200);
    char *after = shown();
    want_long_text("after", after, before);
    want_number("cells", d->cell_used, SAMPLED_CELLS + 1);
    free(before);
    free(after);
}
END_TEST

/* The remainder is evicted like any other cell. */
START_TEST(remainder_may_be_evicted)
{
    struct detector *d;
    char *ended, *swept;

    attack(100);
    d = &run.p->detector;
    end_it(&ended, &swept);
    free(ended);
    free(swept);
    struct incident *incident = &d->incident[0];
    ck_assert_uint_ne(incident->remainder, 0);
    compact_evict(d, &d->cell[incident->remainder - 1]);
    want_number("remainder", incident->remainder, 0);
    char *text = shown();
    ck_assert_msg(strstr(text, "\"recipients\": 100,") != NULL, "got %.900s", text);
    ck_assert_msg(strstr(text, "\"clients\": 90,") != NULL, "got %.900s", text);
    free(text);
}
END_TEST

/* At the bound a cell with queued messages is evicted too. Its client still counts once only. */
START_TEST(evicted_cells_are_merged)
{
    char *ended, *swept;

    again("");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 100; i++) {
        struct observation o = relayed(i / 2, i, AT_S);
        struct cell_ref ref;
        o.id = (struct queue_id){.lo = (uint64_t)i + 1, .hi = 1};
        ref = observe(o);
        if (i >= 90)
            detector_queue(d, ref, 1, 0);
    }
    end_it(&ended, &swept);
    free(ended);
    free(swept);
    want_number("cells", d->cell_used, SAMPLED_CELLS + 1 + 10);
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].totals.queued)
            compact_evict(d, &d->cell[i]);
    want_number("cells", d->cell_used, SAMPLED_CELLS + 1);
    want_number("compacted", d->incident[0].compacted, true);
    char *text = shown();
    ck_assert_msg(strstr(text, "\"recipients\": 100,") != NULL, "got %.900s", text);
    ck_assert_msg(strstr(text, "\"clients\": 50,") != NULL, "got %.900s", text);
    ck_assert_msg(strstr(text, "\"sender_domain_count\": 100,") != NULL, "got %.2000s", text);
    free(text);
}
END_TEST

static void want_related(const char *when, uint32_t count)
{
    const struct incident *list[2];
    struct incident_view *view = malloc(sizeof(*view));

    want_number(when, incidents_in_order(&run.p->detector, list), 2);
    for (int i = 0; i < 2; i++) {
        incident_view_init(view, &run.p->detector, list[i]);
        want_number(when, view->related_count, count);
        ck_assert_ptr_eq(view->related[0], count ? list[!i] : NULL);
        incident_view_done(view);
    }
    free(view);
}

/* A client of both attacks is among those whose names are dropped. */
START_TEST(related_incidents_stay_related)
{
    again("");
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 1200; i++)
        observe(relayed(i, i, AT_S));
    for (int i = 0; i < 200; i++) {
        struct observation o = relayed(1199, 1, AT_S);
        o.kind = KIND_ACCOUNT_ABUSE;
        o.account = SPAN("ann");
        observe(o);
    }
    want_related("open", 1);
    detector_tick(d, 0, AT_S + HOURS_S);
    want_related("ended", 1);
    sweep(AT_S + HOURS_S, AT_S + HOURS_S + 600);
    want_number("compacted", d->incident[0].compacted, true);
    want_related("compacted", 1);
    incidents_withdraw(d, &d->incident[1], AT_S + HOURS_S + 600);
    want_related("one withdrawn", 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("compact");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, nothing_that_is_shown_changes);
    tcase_add_test(tc, figures_of_a_flood_stay);
    tcase_add_test(tc, queued_messages_are_still_counted);
    tcase_add_test(tc, remainder_may_be_evicted);
    tcase_add_test(tc, evicted_cells_are_merged);
    tcase_add_test(tc, related_incidents_stay_related);
    return run_suite("compact", tc);
}
