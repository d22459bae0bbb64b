/* SPDX-License-Identifier: MIT */
/* One host's clock, rate or silence changes nothing for another: however the logs of several hosts
 * are mixed, and whatever their clocks say, each host gets the events and incidents that its log
 * alone gets with the same ticks of the clock. */
#include "days.h"
#include "pipeline_run.h"

enum { HOSTS = 4, LOGS = 2, STEPS = 30, HOUR_S = 3600, DAY_S = 86400, CUTS = 8 };

static const char *const name[HOSTS] = {"mx1", "mx2", "mx3", "mx4"};
/* Its clock is off by so much, and it began to log so long after the first. */
static const struct {
    int32_t off_s;
    uint32_t late_s;
} hosts[HOSTS] = {{0, 0}, {2 * HOUR_S, 0}, {-26 * HOUR_S, 1800}, {7 * DAY_S, 5 * HOUR_S}};

enum mix {
    MIX_BY_TIME,   /* as it was written */
    MIX_LATE,      /* but one host's lines come hours late, in blocks */
    MIX_AT_RANDOM, /* each line from any host */
    MIX_IN_A_ROW,  /* one log after the other */
    MIX_COUNT
};

/* A line and what a steady clock says when it comes. */
struct step {
    int host;
    uint32_t line, at_s;
    bool ticks; /* the clock ticks before it */
};

struct story {
    struct days *days[HOSTS];
    struct step *step;
    uint32_t steps;
    enum mix mix;
    bool ticks;
};

static struct settings settings;

/* --- the order -------------------------------------------------------------------------------- */

/* When the line was really written. */
static uint32_t written_s(const struct story *story, int host, uint32_t line)
{
    return story->days[host]->line_s[line] - (uint32_t)hosts[host].off_s + hosts[host].late_s;
}

/* When it comes: the blocks of mx3 are of three hours. */
static uint32_t comes_s(const struct story *story, int host, uint32_t line)
{
    uint32_t at_s = written_s(story, host, line);

    return story->mix == MIX_LATE && host == 2 ? at_s / (3 * HOUR_S) * 3 * HOUR_S + 3 * HOUR_S
                                               : at_s;
}

static int next_host(const struct story *story, const uint32_t *next, struct days *random)
{
    int found = -1, left = 0;

    for (int h = 0; h < HOSTS; h++) {
        if (next[h] == story->days[h]->lines)
            continue;
        left++;
        if (found < 0)
            found = h;
        else if (story->mix == MIX_AT_RANDOM && days_below(random, (uint32_t)left) == 0)
            found = h;
        else if (story->mix <= MIX_LATE &&
                 comes_s(story, h, next[h]) < comes_s(story, found, next[found]))
            found = h;
    }
    return found;
}

static void put_in_order(struct story *story, uint64_t number)
{
    struct days random = {.random = number};
    uint32_t next[HOSTS] = {0}, lines = 0, at_s = 0;
    int h;

    for (h = 0; h < HOSTS; h++)
        lines += story->days[h]->lines;
    story->step = calloc(lines, sizeof(*story->step));
    ck_assert_ptr_nonnull(story->step);
    while ((h = next_host(story, next, &random)) >= 0) {
        uint32_t s = comes_s(story, h, next[h]);
        if (s > at_s)
            at_s = s;
        story->step[story->steps++] = (struct step){
            .host = h, .line = next[h]++, .at_s = at_s, .ticks = days_below(&random, 3) == 0};
    }
}

/* --- what happens ----------------------------------------------------------------------------- */

struct played {
    struct run run;
    char *events[HOSTS], *outcome[HOSTS];
    size_t len[HOSTS];
    FILE *out[HOSTS];
};

static int host_of(const struct incident *incident)
{
    int h = 0;

    while (strcmp(name[h], incident->host_name->at) != 0)
        h++;
    return h;
}

static void hear(void *ctx, enum incident_event event, const struct incident *incident,
                 uint32_t now_s)
{
    struct played *played = ctx;
    struct incident_view view;

    incident_view_init(&view, &played->run.p->detector, incident);
    char *line = incident_line(&view, event);
    fprintf(played->out[host_of(incident)], "%u %s\n", now_s, line);
    free(line);
    incident_view_done(&view);
}

static void listen(struct played *played)
{
    played->run.p->detector.on_event = hear;
    played->run.p->detector.on_event_ctx = played;
}

static void save_and_load(struct played *played, uint32_t at_s)
{
    struct bytes bytes = run_snapshot(&played->run);
    char why[SNAPSHOT_WHY_MAX];

    run_end(&played->run);
    ck_assert_msg(run_resume(&played->run, &settings, NULL, span_of(bytes.at, bytes.len), why),
                  "%s", why);
    free(bytes.at);
    listen(played);
    pipeline_clock(played->run.p, at_s * US_PER_S);
}

static void tell_outcome(struct played *played)
{
    struct detector *d = &played->run.p->detector;
    const struct incident **list = calloc(d->incident_count + 1, sizeof(*list));
    FILE *out[HOSTS];
    size_t len;

    ck_assert_ptr_nonnull(list);
    pipeline_finish(played->run.p);
    for (int h = 0; h < HOSTS; h++)
        out[h] = open_memstream(&played->outcome[h], &len);
    for (uint32_t i = 0, n = incidents_in_order(d, list); i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, d, list[i]);
        json_t *json = incident_json(&view);
        json_dumpf(json, out[host_of(list[i])], JSON_COMPACT);
        fputc('\n', out[host_of(list[i])]);
        json_decref(json);
        incident_view_done(&view);
    }
    for (int h = 0; h < HOSTS; h++)
        fclose(out[h]);
    free(list);
}

/* Only that host's lines, or with alone < 0 all, saved and loaded now and then. */
static void play(const struct story *story, int alone, struct played *played)
{
    static char ini[] = "[site]\nown_domains = example.net\n";
    struct days random = {.random = story->steps};
    struct inifile_error err;

    ck_assert(settings_parse(&settings, span_str(ini), &err));
    run_begin(&played->run, &settings, NULL);
    for (int h = 0; h < HOSTS; h++)
        played->out[h] = open_memstream(&played->events[h], &played->len[h]);
    listen(played);
    for (uint32_t i = 0; i < story->steps; i++) {
        const struct step *step = &story->step[i];
        const struct days *days = story->days[step->host];
        if (alone < 0 && days_below(&random, story->steps) < CUTS)
            save_and_load(played, i ? story->step[i - 1].at_s : step->at_s);
        if (story->ticks && step->ticks)
            pipeline_tick(played->run.p, step->at_s * US_PER_S);
        pipeline_clock(played->run.p, step->at_s * US_PER_S);
        if (alone < 0 || alone == step->host)
            pipeline_lines(played->run.p, days->text + days->line[step->line],
                           days->line[step->line + 1] - days->line[step->line]);
    }
    tell_outcome(played);
    for (int h = 0; h < HOSTS; h++)
        fclose(played->out[h]);
}

static void played_done(struct played *played)
{
    for (int h = 0; h < HOSTS; h++) {
        free(played->events[h]);
        free(played->outcome[h]);
    }
    run_end(&played->run);
    settings_done(&settings);
}

static void compare(uint64_t number, enum mix mix, bool ticks)
{
    struct story story = {.mix = mix, .ticks = ticks};
    struct played all = {0};
    char text[80];

    for (int h = 0; h < HOSTS; h++)
        story.days[h] =
            days_of_host(number * HOSTS + (uint64_t)h, STEPS, DAY_S, name[h], hosts[h].off_s);
    put_in_order(&story, number);
    play(&story, -1, &all);
    for (int h = 0; h < HOSTS; h++) {
        struct played alone = {0};
        play(&story, h, &alone);
        snprintf(text, sizeof(text), "log %d, mix %d, ticks %d, %s: events", (int)number, mix,
                 ticks, name[h]);
        want_long_text(text, all.events[h], alone.events[h]);
        snprintf(text, sizeof(text), "log %d, mix %d, ticks %d, %s: incidents", (int)number, mix,
                 ticks, name[h]);
        want_long_text(text, all.outcome[h], alone.outcome[h]);
        ck_assert_msg(*alone.outcome[h], "%s: no incident, so nothing is shown", text);
        played_done(&alone);
    }
    played_done(&all);
    for (int h = 0; h < HOSTS; h++)
        days_free(story.days[h]);
    free(story.step);
}

START_TEST(hosts_do_not_change_each_other)
{
    for (uint64_t i = 1; i <= LOGS; i++)
        compare(i, (enum mix)_i, false);
}
END_TEST

START_TEST(nor_do_they_while_a_clock_ticks)
{
    for (uint64_t i = 1; i <= LOGS; i++)
        compare(100 + i, (enum mix)_i, true);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("mixed_hosts");

    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, hosts_do_not_change_each_other, 0, MIX_COUNT);
    tcase_add_loop_test(tc, nor_do_they_while_a_clock_ticks, 0, MIX_COUNT);
    return run_suite("mixed_hosts", tc);
}
