/* SPDX-License-Identifier: MIT */
#include "detect/closing.h"

#include "detect/carry.h"
#include "detect/detector.h"
#include "detect/incidents.h"
#include "detect/inherit.h"
#include "detect/ticks.h"
#include "detect/withdraw.h"
#include "detector_run.h"

static const struct incident *closed;

/* An attack of five recipients at second 1000, closed at 1010. */
static void close_one(const char *reason)
{
    again("[alert]\nend_after = 1h\nupdate_every = 15m\n");
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    closed = &run.p->detector.incident[0];
    detector_close(&run.p->detector, closed, span_str(reason), 1010);
}

/* So many recipients more, a minute later, and the grouping that follows. */
static void go_on(int client, int domain, int count, uint32_t at_s)
{
    for (int i = 0; i < count; i++)
        observe(relayed(client, domain, at_s));
    run.p->hosts.host[0].now_s = at_s;
    detector_group(&run.p->detector);
    detector_tick(&run.p->detector, 0, at_s);
}

START_TEST(a_reason_is_kept)
{
    close_one("  a newsletter of ours ");
    want_number("event", run.events[INCIDENT_CLOSED], 1);
    want_number("at", closed->closed_s, 1010);
    want_number("amount", (int64_t)closed->closed_amount, 5);
    want_text("reason", closed->close_reason->at, "a newsletter of ours");
    detector_close(&run.p->detector, closed, SPAN("another"), 1020);
    want_text("the last one", closed->close_reason->at, "another");
    detector_close(&run.p->detector, closed, SPAN(" "), 1020);
    ck_assert_ptr_null(closed->close_reason);
    want_number("closed all the same", closed->closed_s, 1020);
}
END_TEST

START_TEST(a_reason_is_bounded_and_printable)
{
    char reason[1000];

    memset(reason, 'x', sizeof(reason));
    memcpy(reason, "\x1b[2K\n", 5);
    memcpy(reason + CLOSE_REASON_MAX - 1, "\xe2\x82\xac", 3);
    reason[sizeof(reason) - 1] = '\0';
    close_one(reason);
    want_number("bytes", closed->close_reason->len, CLOSE_REASON_MAX - 1);
    want_number("printable", strncmp(closed->close_reason->at, "?[2K?xxx", 8), 0);
}
END_TEST

START_TEST(it_is_quiet_while_it_goes_on)
{
    close_one("wanted");
    for (uint32_t at = 1100; at < 5000; at += 100)
        go_on(1, 1, 1, at);
    want_number("raised", run.events[INCIDENT_RAISED], 1);
    want_number("updated", run.events[INCIDENT_UPDATED], 0);
    want_number("reopened", run.events[INCIDENT_REOPENED], 0);
    want_number("incidents", detector_incidents(&run.p->detector), 1);
    want_number("open", detector_open(&run.p->detector), 0);
    want_number("closed", closed->closed_s, 1010);
}
END_TEST

/* 49 are less than ten times five, 50 are not. */
START_TEST(it_is_reopened_when_it_grows_tenfold)
{
    close_one("wanted");
    go_on(1, 1, 44, 1100);
    want_number("49", run.events[INCIDENT_REOPENED], 0);
    go_on(1, 1, 1, 1200);
    want_number("50", run.events[INCIDENT_REOPENED], 1);
    want_number("how often", closed->reopened, 1);
    want_number("closed", closed->closed_s, 0);
    ck_assert_ptr_null(closed->close_reason);
    want_number("open", detector_open(&run.p->detector), 1);
    go_on(1, 1, 1, 2000);
    want_number("told just now", run.events[INCIDENT_UPDATED], 0);
    go_on(1, 1, 1, 2200);
    want_number("updated again", run.events[INCIDENT_UPDATED], 1);
}
END_TEST

/* It has ended; what comes then is no part of what was decided. */
START_TEST(it_is_reopened_when_it_comes_again)
{
    close_one("wanted");
    detector_tick(&run.p->detector, 0, 1000 + 3601);
    want_number("ended", closed->state, INCIDENT_ENDED);
    want_text("reason", closed->close_reason->at, "wanted");
    go_on(1, 1, 5, 6000);
    want_number("reopened", run.events[INCIDENT_REOPENED], 1);
    want_number("raised", run.events[INCIDENT_RAISED], 1);
    want_number("closed", closed->closed_s, 0);
}
END_TEST

/* Another client under the same domain: the decision was about one. */
START_TEST(it_is_reopened_when_it_widens)
{
    close_one("wanted");
    go_on(2 * 65536, 1, 6, 1100);
    want_number("key", incident_key_type(closed), KEY_SENDER_DOMAIN);
    want_number("reopened", run.events[INCIDENT_REOPENED], 1);
    want_number("closed", closed->closed_s, 0);
}
END_TEST

START_TEST(others_are_raised)
{
    close_one("wanted");
    go_on(2 * 65536, 2, 5, 1100);
    want_number("raised", run.events[INCIDENT_RAISED], 2);
    want_number("closed", closed->closed_s, 1010);
}
END_TEST

START_TEST(an_ended_one_keeps_a_reason_too)
{
    again(NULL);
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    detector_tick(&run.p->detector, 0, 1000 + 3601);
    closed = &run.p->detector.incident[0];
    detector_close(&run.p->detector, closed, SPAN("the intern"), 5000);
    want_number("event", run.events[INCIDENT_CLOSED], 0);
    want_text("reason", closed->close_reason->at, "the intern");
}
END_TEST

/* The log is counted anew: the same incident is closed still, and so is one from before. */
START_TEST(it_is_inherited)
{
    struct core_run heir;
    struct inherited got;

    for (uint32_t since = 0; since <= 1500; since += 1500) {
        close_one("wanted");
        core_begin(&heir, NULL);
        core_feed(&heir, "qmgr: AAAAA01: removed");
        for (int i = 0; i < 5 && !since; i++) {
            struct observation o = relayed(1, 1, 1000);
            detector_observe(&heir.p->detector, &o);
        }
        ck_assert(detector_inherit(&heir.p->detector, &run.p->detector, since, 2000, &got));
        const struct incident *mine = &heir.p->detector.incident[0];
        want_number("closed", mine->closed_s, 1010);
        want_number("amount", (int64_t)mine->closed_amount, 5);
        want_text("reason", mine->close_reason->at, "wanted");
        want_number("open", detector_open(&heir.p->detector), 0);
        core_end(&heir);
    }
}
END_TEST

/* What a change of the site has raised anew, after the closed one had been withdrawn. */
static const struct {
    const char *name;
    int client, domain, other_client, count;
    uint32_t at_s;
    bool is_closed;
} comers[] = {
    {"the same", 1, 1, 1, 5, 1000, true},
    {"another beginning of it", 1, 1, 1, 5, 1200, true},
    {"just within its life", 1, 1, 1, 5, 1000 + 3600, true},
    {"after its life", 1, 1, 1, 5, 1000 + 3601, false},
    {"49, of five", 1, 1, 1, 49, 1000, true},
    {"50, of five", 1, 1, 1, 50, 1000, false},
    {"another client under another domain", 70000, 2, 70000, 5, 1000, false},
    {"a wider key", 1, 1, 70000, 5, 1000, false},
};

START_TEST(it_comes_back_closed_from_another_reading)
{
    struct core_run heir;
    struct inherited got;

    close_one("wanted");
    incidents_withdraw(&run.p->detector, &run.p->detector.incident[0], 1500);
    core_begin(&heir, NULL);
    core_feed(&heir, "qmgr: AAAAA01: removed");
    for (int i = 0; i < comers[_i].count; i++) {
        struct observation o = relayed(comers[_i].client, comers[_i].domain, comers[_i].at_s);
        o.id.lo = comers[_i].at_s - 1000u + (unsigned)comers[_i].domain - 1u;
        detector_observe(&heir.p->detector, &o);
        o = relayed(comers[_i].other_client, comers[_i].domain, comers[_i].at_s);
        if (comers[_i].other_client != comers[_i].client)
            detector_observe(&heir.p->detector, &o);
    }
    detector_group(&heir.p->detector);
    ck_assert(detector_inherit(&heir.p->detector, &run.p->detector, 0, 6000, &got));
    const struct incident *mine = &heir.p->detector.incident[0];
    want_number(comers[_i].name, mine->state, INCIDENT_OPEN);
    want_number(comers[_i].name, mine->closed_s, comers[_i].is_closed ? 1010 : 0);
    if (comers[_i].is_closed)
        want_text(comers[_i].name, mine->close_reason->at, "wanted");
    want_number(comers[_i].name, mine->alerted, false);
    want_number(comers[_i].name, got.withdrawn, 0);
    core_end(&heir);
}
END_TEST

/* Nothing was read again: it is raised on what came since. */
START_TEST(it_comes_back_closed_on_its_key)
{
    close_one("wanted");
    incidents_withdraw(&run.p->detector, &run.p->detector.incident[0], 1005);
    for (int i = 0; i < comers[_i].count; i++) {
        observe(relayed(comers[_i].client, comers[_i].domain, comers[_i].at_s));
        if (comers[_i].other_client != comers[_i].client)
            observe(relayed(comers[_i].other_client, comers[_i].domain, comers[_i].at_s));
    }
    run.p->hosts.host[0].now_s = comers[_i].at_s;
    detector_group(&run.p->detector);
    want_number(comers[_i].name, detector_open(&run.p->detector), !comers[_i].is_closed);
    want_number(comers[_i].name, detector_closed(&run.p->detector), comers[_i].is_closed);
    want_number(comers[_i].name, run.events[INCIDENT_RAISED] + run.events[INCIDENT_REOPENED],
                1 + !comers[_i].is_closed);
}
END_TEST

static enum evidence nothing_stands(void *ctx, const struct cell *cell, enum kind kind)
{
    (void)ctx;
    (void)cell;
    (void)kind;
    return EVIDENCE_VOID;
}

/* The one that came back has not been alerted, but it is what keeps the decision. */
START_TEST(a_closed_one_is_withdrawn_and_kept)
{
    close_one("wanted");
    want_number("alerted", closed->alerted, false);
    detector_withdraw(&run.p->detector, 0, nothing_stands, NULL, 1500);
    want_number("withdrawn", closed->withdrawn, true);
    want_text("reason", closed->close_reason->at, "wanted");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("closing");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_reason_is_kept);
    tcase_add_test(tc, a_reason_is_bounded_and_printable);
    tcase_add_test(tc, it_is_quiet_while_it_goes_on);
    tcase_add_test(tc, it_is_reopened_when_it_grows_tenfold);
    tcase_add_test(tc, it_is_reopened_when_it_comes_again);
    tcase_add_test(tc, it_is_reopened_when_it_widens);
    tcase_add_test(tc, others_are_raised);
    tcase_add_test(tc, an_ended_one_keeps_a_reason_too);
    tcase_add_test(tc, it_is_inherited);
    ADD_ROWS(tc, it_comes_back_closed_from_another_reading, comers);
    ADD_ROWS(tc, it_comes_back_closed_on_its_key, comers);
    tcase_add_test(tc, a_closed_one_is_withdrawn_and_kept);
    return run_suite("closing", tc);
}
