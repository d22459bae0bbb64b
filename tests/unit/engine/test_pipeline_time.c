/* SPDX-License-Identifier: MIT */
/* A clock that ticks while the log is silent changes nothing: a daemon gets what a scan of the same
 * log gets, event for event. */
#include "core_run.h"
#include "days.h"
#include "pipeline_run.h"

enum clock {
    CLOCK_NONE,
    CLOCK_WHEN_DUE,
    CLOCK_LATE,
    CLOCK_OFTEN,
    CLOCK_CUT, /* often, and the pipeline is saved and restored now and then */
    CLOCK_COUNT
};

enum { LOGS = 8 / STRIDE(4), CUTS = 10, STEPS = 80, DAY_S = 86400 };

static struct settings settings;

/* Ticks between one line and the next, up to and including the next one's second. */
static void tick(struct run *run, enum clock clock, struct days *random, uint32_t until_s)
{
    pipeline_clock(run->p, run->p->now_s * US_PER_S);
    for (;;) {
        wall_us next = pipeline_next_tick(run->p);
        uint32_t at_s = next == WHEN_UNKNOWN ? UINT32_MAX : (uint32_t)(next / US_PER_S);
        if (clock == CLOCK_LATE && at_s != UINT32_MAX)
            at_s += days_below(random, 100);
        if (clock >= CLOCK_OFTEN)
            at_s = run->p->now_s + 1 + days_below(random, 500);
        ck_assert_msg(at_s > run->p->now_s, "due at %u, and it is %u", at_s, run->p->now_s);
        if (at_s > until_s) {
            pipeline_clock(run->p, until_s * US_PER_S);
            return;
        }
        pipeline_tick(run->p, at_s * US_PER_S);
    }
}

/* Saves the pipeline and restores it into another. Events so far go to `events`. */
static void cut(struct run *run, struct bytes *events)
{
    struct bytes bytes = run_snapshot(run);
    struct span reported = run_events(run);
    char why[SNAPSHOT_WHY_MAX];

    bytes_put(events, reported.at, reported.len);
    run_end(run);
    ck_assert_msg(run_resume(run, &settings, NULL, span_of(bytes.at, bytes.len), why), "%s", why);
    free(bytes.at);
}

static void play(struct run *run, const struct days *days, enum clock clock, struct bytes *events)
{
    struct days random = {.random = clock};
    char dump[] = "[site]\nown_domains = example.net\n";
    struct inifile_error err;

    ck_assert(settings_parse(&settings, span_str(dump), &err));
    run_begin(run, &settings, NULL);
    for (uint32_t i = 0; i < days->lines; i++) {
        if (clock != CLOCK_NONE && i && days->line_s[i] > days->line_s[i - 1])
            tick(run, clock, &random, days->line_s[i]);
        if (clock == CLOCK_CUT && days_below(&random, days->lines) < CUTS)
            cut(run, events);
        pipeline_lines(run->p, days->text + days->line[i], days->line[i + 1] - days->line[i]);
    }
    struct span reported = run_events(run);
    bytes_put(events, reported.at, reported.len);
    bytes_put(events, "", 1);
}

static void compare(uint64_t number, uint32_t longest_s)
{
    struct days *days = days_make(number, STEPS, longest_s);
    struct run run[CLOCK_COUNT];
    struct bytes events[CLOCK_COUNT] = {0};
    char *outcome[CLOCK_COUNT], name[64];

    for (enum clock clock = CLOCK_NONE; clock < CLOCK_COUNT; clock++) {
        play(&run[clock], days, clock, &events[clock]);
        snprintf(name, sizeof(name), "log %u, clock %d, events", (unsigned)number, clock);
        want_long_text(name, events[clock].at, events[CLOCK_NONE].at);
        outcome[clock] = run_outcome(&run[clock]);
        snprintf(name, sizeof(name), "log %u, clock %d, outcome", (unsigned)number, clock);
        want_long_text(name, outcome[clock], outcome[CLOCK_NONE]);
    }
    for (enum clock clock = CLOCK_NONE; clock < CLOCK_COUNT; clock++) {
        free(outcome[clock]);
        free(events[clock].at);
        run_end(&run[clock]);
        settings_done(&settings);
    }
    days_free(days);
}

START_TEST(silences_of_less_than_a_day)
{
    for (uint64_t i = 1; i <= LOGS; i++)
        compare(i, DAY_S);
}
END_TEST

START_TEST(silences_of_days)
{
    for (uint64_t i = 1; i <= LOGS; i++)
        compare(100 + i, UINT32_MAX);
}
END_TEST

static struct core_run hosts;

static void feed_at(const char *host, uint32_t now_s, int32_t off_s, const char *lines)
{
    hosts.host = host;
    hosts.now_s = now_s;
    hosts.off_s = off_s;
    core_feed(&hosts, "%s", lines);
}

/* Each waits a minute by its own clock, whatever that says, while no line comes. */
START_TEST(silent_hosts_go_on_by_their_own_clocks)
{
    static const char waits[] =
        "smtpd: AAAAA01: client=localhost[127.0.0.1]\n"
        "qmgr: AAAAA01: from=<a@b.example>, size=1, nrcpt=1 (queue active)\n"
        "smtp: AAAAA01: to=<x@c.example>, relay=none, delay=1, "
        "status=deferred (x)";
    const uint32_t at = CORE_BEGIN_S + 100000;

    core_begin(&hosts, NULL);
    feed_at("ahead", at, 7200, waits);
    feed_at("behind", at + 30, -90000, waits);
    pipeline_tick(hosts.p, (at + 59) * US_PER_S);
    want_number("none", hosts.verdicts, 0);
    want_number("next", pipeline_next_tick(hosts.p) / US_PER_S, at + 60);
    pipeline_tick(hosts.p, (at + 60) * US_PER_S);
    want_number("ahead", hosts.verdicts, 1);
    pipeline_tick(hosts.p, (at + 89) * US_PER_S);
    want_number("not yet", hosts.verdicts, 1);
    pipeline_tick(hosts.p, (at + 90) * US_PER_S);
    want_number("behind", hosts.verdicts, 2);
    want_number("its time", hosts.p->hosts.host[0].now_s, at + 90 + 7200);
    want_number("its time", hosts.p->hosts.host[1].now_s, at + 90 - 90000);
    core_end(&hosts);
}
END_TEST

/* What a host has told by one source is not taken again from another. */
START_TEST(hosts_are_counted_up_to_their_own_times)
{
    core_begin(&hosts, NULL);
    feed_at("mx1", CORE_BEGIN_S, 0, "qmgr: AAAAA01: removed");
    feed_at("mx2", CORE_BEGIN_S, 7200, "qmgr: AAAAA01: removed");
    want_number("before", pipeline_was_counted(hosts.p, SPAN("mx1"), 1), false);
    for (int over = 0; over < 2; over++) {
        pipeline_mark_counted(hosts.p, over);
        for (int host = 0; host < 2; host++) {
            struct span name = host ? SPAN("MX2") : SPAN("mx1");
            wall_us last = (CORE_BEGIN_S + (wall_us)(host ? 7200 : 0)) * US_PER_S;
            want_number("before", pipeline_was_counted(hosts.p, name, last - 1), true);
            want_number("in it", pipeline_was_counted(hosts.p, name, last), over);
            want_number("after", pipeline_was_counted(hosts.p, name, last + US_PER_S), false);
        }
        want_number("unknown", pipeline_was_counted(hosts.p, SPAN("mx3"), 1), false);
    }
    want_number("earliest", pipeline_earliest(hosts.p, CORE_BEGIN_S * US_PER_S), CORE_BEGIN_S);
    want_number("of those in question",
                pipeline_earliest(hosts.p, (CORE_BEGIN_S + 86400 + 3600) * US_PER_S),
                CORE_BEGIN_S + 7200);
    want_number("of none", pipeline_earliest(hosts.p, 0), CORE_BEGIN_S + 7200);
    core_end(&hosts);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pipeline_time");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, silences_of_less_than_a_day);
    tcase_add_test(tc, silences_of_days);
    tcase_add_test(tc, silent_hosts_go_on_by_their_own_clocks);
    tcase_add_test(tc, hosts_are_counted_up_to_their_own_times);
    return run_suite("pipeline_time", tc);
}
