/* SPDX-License-Identifier: MIT */
#include "detect/carry.h"

#include "detect/detector.h"
#include "detect/incidents.h"
#include "detect/once.h"
#include "detector_run.h"
#include "report/view.h"

/* `run` has the incident; `to` is where it goes, with another host before mx1. */
static struct core_run to;

static void two(void)
{
    core_begin(&to, NULL);
    to.host = "mx0";
    core_feed(&to, "qmgr: AAAAA01: removed");
    to.host = "mx1";
    core_feed(&to, "qmgr: AAAAA01: removed");
    begin();
    core_feed(&run, "qmgr: AAAAA01: removed");
}

static void two_end(void)
{
    end();
    core_end(&to);
}

/* Five messages of one client under two domains, from second 1000 on. */
static struct incident *relay(void)
{
    for (int i = 0; i < 5; i++) {
        struct observation o = relayed(1, i % 2, 1000 + (uint32_t)i);
        o.message_id = SPAN("m1@spam.example");
        o.queued = true;
        observe(o);
    }
    return &run.p->detector.incident[0];
}

static struct incident_view view_of(const struct core_run *of, const struct incident *incident)
{
    struct incident_view view;

    incident_view_init(&view, &of->p->detector, incident);
    return view;
}

START_TEST(ended_incident_is_all_there)
{
    struct incident *old = relay();
    incidents_end(&run.p->detector, old, 2000);

    struct incident *copy = carry_incident(&to.p->detector, &run.p->detector, old);
    struct incident_view a = view_of(&run, old), b = view_of(&to, copy);
    want_text("id", copy->id, old->id);
    want_text("host", copy->host_name->at, "mx1");
    ck_assert_ptr_ne(copy->host_name, old->host_name);
    want_number("state", copy->state, INCIDENT_ENDED);
    want_number("messages", (int64_t)b.totals.messages, (int64_t)a.totals.messages);
    want_number("first", b.totals.first_s, 1000);
    want_number("queued stays behind", (int64_t)b.totals.queued, 0);
    want_number("clients", (int64_t)b.clients, 1);
    want_number("domains", (int64_t)b.domains, 2);
    want_number("samples", b.sample_count, a.sample_count);
    want_text("message-id", b.sample[0].message_id->at, "m1@spam.example");
    incident_view_done(&a);
    incident_view_done(&b);
    detector_sweep(&to.p->detector, 0, 3000); /* compacts it like any other */
    want_number("cells", detector_cells(&to.p->detector), 2);
}
END_TEST

START_TEST(open_incident_takes_in_what_comes)
{
    struct incident *old = relay();
    struct incident *copy = carry_incident(&to.p->detector, &run.p->detector, old);

    want_number("host", copy->host, 1);
    struct observation known = relayed(1, 0, 1010), other = relayed(1, 7, 1011);
    known.host = other.host = 1;
    detector_observe(&to.p->detector, &known);
    detector_observe(&to.p->detector, &other);
    detector_group(&to.p->detector);
    struct incident_view view = view_of(&to, copy);
    want_number("messages", (int64_t)view.totals.messages, 7);
    want_number("incidents", detector_incidents(&to.p->detector), 1);
    want_number("raised again", to.events[INCIDENT_RAISED], 0);
    incident_view_done(&view);
}
END_TEST

/* Three of the five were counted again. */
START_TEST(figures_become_the_larger_ones)
{
    struct incident *old = relay();
    struct detector *d = &to.p->detector;
    struct incident *heir;

    for (int i = 2; i < 8; i++) {
        struct observation o = relayed(1, 0, 1000 + (uint32_t)i);
        o.host = 1;
        detector_observe(d, &o);
    }
    heir = &d->incident[0];
    carry_into(d, &run.p->detector, old, heir);
    struct incident_view view = view_of(&to, heir);
    want_number("six and two", (int64_t)view.totals.messages, 8);
    want_number("domains", (int64_t)view.domains, 2);
    want_number("first", view.totals.first_s, 1000);
    want_number("raised", heir->raised_s, old->raised_s);
    incident_view_done(&view);
}
END_TEST

/* What the severity rests on, and what it is said to have crossed. */
START_TEST(habits_are_carried)
{
    struct detector *d = &to.p->detector;

    for (int i = 0; i < 9; i++) {
        struct observation o = relayed(1, 0, 1000 + (uint32_t)i);
        o.familiar = i > 1;
        o.usual = i > 2;
        observe(o);
        o.host = 1;
        o.familiar = o.usual = i == 8;
        if (i > 2)
            detector_observe(d, &o);
    }
    struct observation promised = relayed(1, 0, 1010);
    promised.undecided = 30;
    promised.counts = false;
    observe(promised);
    struct incident *old = &run.p->detector.incident[0], *heir = &d->incident[0];
    old->crossing.what = CROSSED_FOREIGN;
    old->reopened = 2;
    carry_into(d, &run.p->detector, old, heir);
    struct incident_view view = view_of(&to, heir);
    want_number("messages", (int64_t)view.totals.messages, 10);
    want_number("familiar", (int64_t)view.totals.familiar, 7);
    want_number("usual", (int64_t)view.totals.usual, 6);
    want_number("undecided", (int64_t)view.totals.undecided, 30);
    want_number("crossed", heir->crossing.what, CROSSED_FOREIGN);
    want_number("reopened", heir->reopened, 2);
    incident_view_done(&view);
}
END_TEST

START_TEST(bound_on_cells_holds)
{
    struct incident *old = relay();

    incidents_end(&run.p->detector, old, 2000);
    to.p->detector.cell_max = 1;
    struct incident *copy = carry_incident(&to.p->detector, &run.p->detector, old);
    struct incident_view view = view_of(&to, copy);
    want_number("cells", detector_cells(&to.p->detector), 1);
    want_number("messages", (int64_t)view.totals.messages, 5);
    incident_view_done(&view);
}
END_TEST

START_TEST(host_is_found_by_name)
{
    struct intern *mx0 = intern_get(&run.p->texts, SPAN("mx0"));
    struct intern *mx9 = intern_get(&run.p->texts, SPAN("mx9"));

    want_number("mx0", carry_host(&to.p->detector, mx0), 0);
    want_number("none", carry_host(&to.p->detector, mx9), HOSTS_NONE);
    intern_put(&run.p->texts, mx0);
    intern_put(&run.p->texts, mx9);
}
END_TEST

START_TEST(key_of_each_type)
{
    observe(relayed(1, 1, 1000));
    struct cell *cell = &run.p->detector.cell[0];
    want_number("built", once_build(&run.p->detector, cell), true);
    static const struct {
        enum key_type type;
        const char *key;
        bool want;
    } rows[] = {{KEY_CLIENT, "100.0.0.1", true},
                {KEY_CLIENT, "100.0.0.2", false},
                {KEY_NETWORK, "100.0.0.0/24", true},
                {KEY_NETWORK, "100.0.1.0/24", false},
                {KEY_SENDER_DOMAIN, "spam1.example", true},
                {KEY_SENDER_DOMAIN, "spam2.example", false},
                {KEY_UID, "0", true},
                {KEY_UID, "1", false},
                {KEY_HOST, "mx1", true},
                {KEY_ACCOUNT, "u1", false}};

    for (int i = 0; i < COUNT(rows); i++)
        want_number(rows[i].key, cell_is_under(cell, rows[i].type, span_str(rows[i].key)),
                    rows[i].want);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("carry");

    tcase_add_checked_fixture(tc, two, two_end);
    tcase_add_test(tc, ended_incident_is_all_there);
    tcase_add_test(tc, open_incident_takes_in_what_comes);
    tcase_add_test(tc, figures_become_the_larger_ones);
    tcase_add_test(tc, habits_are_carried);
    tcase_add_test(tc, bound_on_cells_holds);
    tcase_add_test(tc, host_is_found_by_name);
    tcase_add_test(tc, key_of_each_type);
    return run_suite("carry", tc);
}
