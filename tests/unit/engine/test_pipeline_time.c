/* SPDX-License-Identifier: MIT */
/* A clock that ticks while the log is silent changes nothing: a daemon gets what a scan of the same
 * log gets, event for event. */
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

enum { LOGS = 8, CUTS = 10, STEPS = 80, DAY_S = 86400 };

static struct settings settings;

/* Ticks between one line and the next, up to and including the next one's second. */
static void tick(struct run *run, enum clock clock, struct days *random, uint32_t until_s)
{
    for (;;) {
        wall_us next = pipeline_next_tick(run->p);
        uint32_t at_s = next == WHEN_UNKNOWN ? UINT32_MAX : (uint32_t)(next / US_PER_S);
        if (clock == CLOCK_LATE && at_s != UINT32_MAX)
            at_s += days_below(random, 100);
        if (clock >= CLOCK_OFTEN)
            at_s = run->p->now_s + 1 + days_below(random, 500);
        ck_assert_msg(at_s > run->p->now_s, "due at %u, and it is %u", at_s, run->p->now_s);
        if (at_s > until_s)
            return;
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

int main(void)
{
    TCase *tc = tcase_create("pipeline_time");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, silences_of_less_than_a_day);
    tcase_add_test(tc, silences_of_days);
    return run_suite("pipeline_time", tc);
}
