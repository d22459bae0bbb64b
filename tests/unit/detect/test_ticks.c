/* SPDX-License-Identifier: MIT */
/* What happens to incidents as their host's time goes on. */
#include "detect/ticks.h"

#include "detect/detector.h"
#include "detector_run.h"

enum { AT_S = CORE_BEGIN_S + 60 };

static struct detector *attack(uint16_t hosts)
{
    again("[alert]\nend_after = 1h\nupdate_every = 15m\n");
    run.host = "mx2";
    core_feed(&run, "qmgr: AAAAA01: removed");
    for (uint16_t host = 0; host < hosts; host++)
        for (int i = 0; i < 10; i++) {
            struct observation o = relayed(1, 1, AT_S);
            o.host = host;
            observe(o);
        }
    return &run.p->detector;
}

START_TEST(an_incident_is_updated_and_ends)
{
    struct detector *d = attack(1);

    detector_tick(d, 0, AT_S + 60);
    observe(relayed(1, 1, AT_S + 100));
    detector_tick(d, 0, AT_S + 899);
    want_number("not yet", run.events[INCIDENT_UPDATED], 0);
    want_number("next", detector_next_tick(d, 0) - AT_S, 900);
    detector_tick(d, 0, AT_S + 900);
    want_number("updated", run.events[INCIDENT_UPDATED], 1);
    want_number("next", detector_next_tick(d, 0) - AT_S, 100 + 3601);
    detector_tick(d, 0, AT_S + 100 + 3600);
    want_number("open", detector_open(d), 1);
    detector_tick(d, 0, AT_S + 100 + 3601);
    want_number("ended", run.events[INCIDENT_OVER], 1);
    want_number("nothing is due", detector_next_tick(d, 0), UINT32_MAX);
}
END_TEST

static const struct {
    const char *name;
    uint32_t reopened, silence_s;
} silences[] = {{"never", 0, 3600},       {"once", 1, 7200},
                {"twice", 2, 14400},      {"four times", 4, 57600},
                {"five times", 5, 86400}, {"for ever", UINT32_MAX, 86400}};

START_TEST(an_incident_that_came_again_waits_longer)
{
    struct detector *d = attack(1);

    d->incident[0].reopened = silences[_i].reopened;
    d->incident[0].alerted_s = AT_S;
    detector_tick(d, 0, AT_S + 60);
    want_number(silences[_i].name, detector_next_tick(d, 0) - AT_S, silences[_i].silence_s + 1);
    detector_tick(d, 0, AT_S + silences[_i].silence_s);
    want_number(silences[_i].name, detector_open(d), 1);
    detector_tick(d, 0, AT_S + silences[_i].silence_s + 1);
    want_number(silences[_i].name, detector_open(d), 0);
}
END_TEST

START_TEST(each_host_has_its_own_time)
{
    struct detector *d = attack(2);

    detector_tick(d, 1, AT_S + 86400);
    want_number("ended", run.events[INCIDENT_OVER], 1);
    want_number("the other", detector_open(d), 1);
    want_text("of", d->incident[d->incident[0].state == INCIDENT_OPEN ? 0 : 1].host_name->at,
              "mx1");
    want_number("next of one", detector_next_tick(d, 0) - AT_S, 60);
    want_number("next of the other", detector_next_tick(d, 1), UINT32_MAX);
}
END_TEST

/* A host is idle when all that it had is over. */
START_TEST(host_is_idle_in_the_end)
{
    struct detector *d = attack(1);

    want_number("busy", detector_is_idle(d, 0), false);
    want_number("another", detector_is_idle(d, 1), true);
    detector_tick(d, 0, AT_S + 3601);
    want_number("ended", detector_open(d), 0);
    want_number("cells to be merged", detector_is_idle(d, 0), false);
    sweep(AT_S + 3601, AT_S + 3601 + 600);
    want_number("idle", detector_is_idle(d, 0), true);
}
END_TEST

/* Evidence tells when its host is due next, and only its host. */
START_TEST(evidence_brings_the_next_tick_forward)
{
    struct detector *d = attack(2);
    struct host *hosts = run.p->hosts.host;

    hosts[0].due_s = hosts[1].due_s = UINT32_MAX;
    observe(relayed(1, 1, AT_S + 100));
    want_number("grouped again", hosts[0].due_s - AT_S, 60);
    want_number("the other", hosts[1].due_s, UINT32_MAX);
    d->scope[d->incident[0].scope].grouped_s = AT_S + 3000;
    hosts[0].due_s = UINT32_MAX;
    observe(relayed(1, 1, AT_S + 101));
    want_number("updated", hosts[0].due_s - AT_S, 900);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("ticks");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, an_incident_is_updated_and_ends);
    ADD_ROWS(tc, an_incident_that_came_again_waits_longer, silences);
    tcase_add_test(tc, each_host_has_its_own_time);
    tcase_add_test(tc, host_is_idle_in_the_end);
    tcase_add_test(tc, evidence_brings_the_next_tick_forward);
    return run_suite("ticks", tc);
}
