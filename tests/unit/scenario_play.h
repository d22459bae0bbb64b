/* SPDX-License-Identifier: MIT */
/* scenario.h: the steps played into a pipeline, the expectations held against it. Included once. */
#ifndef RELAYWATCH_TESTS_SCENARIO_PLAY_H
#define RELAYWATCH_TESTS_SCENARIO_PLAY_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "report/backscatter.h"
#include "report/incident.h"
#include "report/incident_json.h"
#include "report/refusals.h"
#include "site/postconf_apply.h"
#include "scenario.h"
#include "site/site_settings.h"
#include "engine/counters.h"

enum { START_S = 1795489200 }; /* 2026-11-24T03:00:00Z */
enum { SETTINGS_VERSIONS = 8 };

struct play {
    const struct scenario *scenario;
    const struct manner *manner;
    struct settings settings[SETTINGS_VERSIONS];
    int versions;
    struct site *site;
    struct pipeline *pipeline;
    struct buf log; /* lines that wait to be handed over */
    int waiting;
    uint32_t now_s;
    uint64_t random;
    int events[INCIDENT_EVENT_COUNT];
};

static void play_hear(void *ctx, enum incident_event event, const struct incident *incident,
                      uint32_t now_s)
{
    struct play *play = ctx;

    (void)now_s;
    play->events[event]++;
    detector_alerted(&play->pipeline->detector, incident, 0); /* withdrawing one is an event, too */
}

static const char *step_text(const struct scenario *s, enum step_type type)
{
    for (int i = 0; i < s->steps; i++)
        if (s->step[i].type == type)
            return s->step[i].text;
    return NULL;
}

static const struct settings *play_settings(struct play *play, const char *text)
{
    const struct scenario *s = play->scenario;
    const char *site = step_text(s, STEP_SITE);
    struct settings *settings = &play->settings[play->versions];
    struct inifile_error err;
    struct buf buf = buf_new(65536);

    if (play->versions == SETTINGS_VERSIONS || !settings_init(settings))
        scenario_bad(s, 0, "too many settings");
    play->versions++;
    buf_printf(&buf, "%s\n[site]\n%s\n", text ? text : "",
               site ? site : "own_domains = example.net\ntrusted_networks = 10.0.0.0/8");
    if (!settings_parse(settings, buf_span(&buf), &err))
        scenario_bad(s, err.line, "settings: %s", err.text);
    buf_done(&buf);
    return settings;
}

static void play_site(struct play *play)
{
    const char *postfix = step_text(play->scenario, STEP_POSTFIX);
    struct inifile_error err;

    play->site = site_new();
    if (!site_apply_settings(play->site, &play->settings[0], &err))
        scenario_bad(play->scenario, 0, "site: %s", err.text);
    if (!postfix)
        return;
    struct postconf *postconf = postconf_parse(span_str(postfix));
    if (!postconf || !postconf_apply(postconf, play->site, NULL, NULL))
        scenario_bad(play->scenario, 0, "postfix: nothing in it");
    postconf_free(postconf);
}

static void play_begin(struct play *play)
{
    struct pipeline_options options = {
        .settings = play_settings(play, step_text(play->scenario, STEP_SETTINGS)),
        .on_event = play_hear,
        .on_event_ctx = play};

    play_site(play);
    options.site = play->site;
    /* Another order in the tables too. */
    options.seed = play->manner->seed ? play->manner->seed : play->manner->shuffle;
    play->pipeline = pipeline_new(&options);
    pipeline_set_reference(play->pipeline, START_S * US_PER_S);
    play->now_s = START_S;
    play->log = buf_new(1 << 26);
    play->random = play->manner->shuffle;
}

static void play_end(struct play *play)
{
    pipeline_free(play->pipeline);
    site_free(play->site);
    for (int i = 0; i < play->versions; i++)
        settings_done(&play->settings[i]);
    buf_done(&play->log);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void hand_over(struct play *play)
{
    pipeline_clock(play->pipeline, play->now_s * US_PER_S);
    if (play->log.len)
        pipeline_lines(play->pipeline, play->log.at, play->log.len);
    buf_done(&play->log);
    play->log = buf_new(1 << 26);
    play->waiting = 0;
}

/* "smtpd: TEXT", "smtpd[12]: TEXT", "postfix-out/smtp: TEXT", "mx2 smtpd: TEXT", or a whole line of
 * a log. */
static void play_line(struct play *play, const char *line)
{
    size_t word = strcspn(line, " :");
    char when[WHEN_TEXT_MAX], host[64] = "mx1";

    if (line[word] == ' ' && strspn(line, "0123456789<") == 0 && strcspn(line, ":") < 40 &&
        strchr("JFMASOND", *line) == NULL) {
        snprintf(host, sizeof(host), "%.*s", (int)word, line);
        line += word + 1;
        word = strcspn(line, " :");
    }
    if (line[word] == ':' && line[word + 1] == ' ') {
        bool whole_tag = memchr(line, '/', word) != NULL, process = line[word - 1] == ']';
        buf_printf(&play->log, "%s %s %s%.*s%s%s\n", when_print(play->now_s * US_PER_S, when), host,
                   whole_tag ? "" : "postfix/", (int)word, line, process ? "" : "[1]", line + word);
    } else {
        buf_printf(&play->log, "%s\n", line);
    }
    play->waiting++;
    if (play->manner->lines_at_once && play->waiting >= play->manner->lines_at_once)
        hand_over(play);
}

static void play_in_order(struct play *play, const struct step *step)
{
    for (int i = 0; i < step->units; i++) {
        const struct unit *unit = &play->scenario->unit[step->first_unit + i];
        if (i)
            play->now_s += step->seconds;
        for (int l = 0; l < unit->count; l++)
            play_line(play, play->scenario->line[unit->first + l]);
    }
}

static uint64_t next_random(struct play *play)
{
    play->random += 0x9e3779b97f4a7c15u;
    uint64_t x = (play->random ^ play->random >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Line by line of any turn that has one left, over as long a time as in order. */
static void play_shuffled(struct play *play, const struct step *step)
{
    int *done = calloc((size_t)step->units + 1, sizeof(*done)), left = 0, all, count = step->units;
    int *open = calloc((size_t)step->units + 1, sizeof(*open));
    uint32_t begin = play->now_s;

    for (int i = 0; i < count; i++) {
        open[i] = i;
        left += play->scenario->unit[step->first_unit + i].count;
    }
    for (all = left; left && done && open; left--) {
        int at = (int)(next_random(play) % (uint64_t)count), i = open[at];
        const struct unit *unit = &play->scenario->unit[step->first_unit + i];
        play->now_s = begin + (uint32_t)((uint64_t)step->seconds * (uint64_t)step->units *
                                         (uint64_t)(all - left) / (uint64_t)all);
        play_line(play, play->scenario->line[unit->first + done[i]]);
        if (++done[i] == unit->count)
            open[at] = open[--count];
    }
    free(done);
    free(open);
}

/* --- expectations ----------------------------------------------------------------------------- */

static bool expects_more(const struct scenario *s, int step)
{
    for (int i = step; i < s->steps; i++)
        if (s->step[i].type == STEP_LINES || s->step[i].type == STEP_PASS ||
            s->step[i].type == STEP_RELOAD)
            return true;
    return false;
}

static void describe(const struct incident_view *view, struct buf *buf)
{
    const struct incident *incident = view->incident;
    const struct totals *t = &view->totals;

    buf_printf(buf,
               "%s %s=%.*s messages=%llu recipients=%llu sent=%llu deferred=%llu bounced=%llu "
               "queued=%llu held=%llu notices=%llu clients=%llu cause=%s state=%s",
               kind_name(incident->kind), key_type_name(view->key_type),
               SPAN_ARG(intern_span(incident->key_text)), (unsigned long long)t->messages,
               (unsigned long long)t->recipients, (unsigned long long)t->sent,
               (unsigned long long)t->deferred, (unsigned long long)t->bounced,
               (unsigned long long)t->queued, (unsigned long long)t->held,
               (unsigned long long)t->notices, (unsigned long long)view->clients,
               cause_name(incident->cause),
               incident->state == INCIDENT_OPEN ? "open"
               : incident->withdrawn            ? "withdrawn"
                                                : "ended");
    buf_printf(buf, " host=%.*s", SPAN_ARG(intern_span(incident->host_name)));
    for (uint32_t i = 0; i < view->related_count; i++)
        buf_printf(buf, " related=%s", kind_name(view->related[i]->kind));
    const char *setting = backscatter_setting(view);
    buf_printf(buf, " setting=%s", setting ? setting : "none");
    struct refusals refusals[REFUSALS_MAX];
    for (uint32_t i = 0, n = refusals_of(view, refusals); i < n; i++)
        buf_printf(buf, " refused=%s/%s:%llu", program_name(refusals[i].by.agent),
                   address_class_name(refusals[i].by.addresses),
                   (unsigned long long)refusals[i].count);
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        buf_printf(buf, " narrower=%.*s", SPAN_ARG(intern_span(incident->narrower[i])));
    buf_add_str(buf, " ");
}

/* Every word of `want` must be a word of what is there. "key=X" is any type's key. */
static bool fits(const char *got, const char *want)
{
    char copy[1024], word[512], *rest = copy, *next;

    snprintf(copy, sizeof(copy), "%s", want);
    while ((next = strsep(&rest, " ")) != NULL) {
        if (strncmp(next, "key=", 4) == 0) {
            snprintf(word, sizeof(word), "=%s messages=", next + 4);
        } else {
            snprintf(word, sizeof(word), "%s ", next);
        }
        if (!strstr(got, word))
            return false;
    }
    return true;
}

enum { SHOWN_MAX = 64 };

struct shown {
    char *text[SHOWN_MAX];
    bool taken[SHOWN_MAX];
    int count;
};

static void show_incidents(struct play *play, struct shown *shown)
{
    struct detector *d = &play->pipeline->detector;
    const struct incident **list = calloc(d->incident_count + 1, sizeof(*list));
    uint32_t n = incidents_in_order(d, list);

    for (uint32_t i = 0; i < n && i < SHOWN_MAX; i++) {
        struct incident_view view;
        struct buf buf = buf_new(8192);
        incident_view_init(&view, d, list[i]);
        describe(&view, &buf);
        incident_view_done(&view);
        shown->text[shown->count++] = buf_take(&buf);
    }
    free(list);
}

__attribute__((noreturn)) static void disappoint(struct play *play, const struct step *step,
                                                 const struct shown *shown)
{
    struct buf buf = buf_new(65536);

    for (int i = 0; i < shown->count; i++)
        buf_printf(&buf, "\n        %s%s", shown->text[i], shown->taken[i] ? "(as expected)" : "");
    ck_abort_msg("%s:%d (shuffle %llu, %d at once): got %d incidents, want %s%s",
                 play->scenario->name, step->number, (unsigned long long)play->manner->shuffle,
                 play->manner->lines_at_once, shown->count, step->text, buf.len ? buf.at : "");
}

struct wanted_counter {
    const char *name;
    uint64_t value;
    bool found;
};

static void find_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    struct wanted_counter *want = ctx;

    (void)sentence;
    if (strcmp(name, want->name) != 0)
        return;
    want->value = value;
    want->found = true;
}

static void expect_counter(struct play *play, const struct step *step)
{
    char name[64];
    unsigned long long value;
    struct wanted_counter want = {name, 0, false};

    if (sscanf(step->text, "counter %63s %llu", name, &value) != 2)
        scenario_bad(play->scenario, step->number, "expect counter NAME VALUE");
    pipeline_each_counter(play->pipeline, find_counter, &want);
    ck_assert_msg(want.found, "%s:%d: got no counter, want %s", play->scenario->name, step->number,
                  name);
    ck_assert_msg(want.value == value, "%s:%d (%d at once): %s: got %llu, want %llu",
                  play->scenario->name, step->number, play->manner->lines_at_once, name,
                  (unsigned long long)want.value, value);
}

static void expect_warning(struct play *play, const struct step *step)
{
    const char *code = strchr(step->text, ' ') + 1;
    bool found = false;

    for (size_t i = 0; i < site_warning_count(play->site); i++)
        found |= strcmp(site_warning(play->site, i)->code, code) == 0;
    ck_assert_msg(found, "%s:%d: got no warning %s", play->scenario->name, step->number, code);
}

static void expect_events(struct play *play, const struct step *step)
{
    for (int i = 0; i < INCIDENT_EVENT_COUNT; i++) {
        const char *name = incident_event_name((enum incident_event)i);
        const char *at = strstr(step->text, name);
        if (!at || at[strlen(name)] != '=')
            continue;
        int want = atoi(at + strlen(name) + 1);
        ck_assert_msg(play->events[i] == want, "%s:%d: %s: got %d, want %d", play->scenario->name,
                      step->number, name, play->events[i], want);
    }
}

/* A run of expectations about incidents names all there are. Returns the step behind it. */
static int expect_incidents(struct play *play, int at)
{
    const struct scenario *s = play->scenario;
    struct shown shown = {.count = 0};
    int end = at;

    show_incidents(play, &shown);
    for (; end < s->steps && s->step[end].type == STEP_EXPECT; end++) {
        const char *want = s->step[end].text;
        if (strncmp(want, "incident ", 9) != 0)
            continue;
        int i = 0;
        while (i < shown.count && (shown.taken[i] || !fits(shown.text[i], want + 9)))
            i++;
        if (i == shown.count)
            disappoint(play, &s->step[end], &shown);
        shown.taken[i] = true;
    }
    for (int i = 0; i < shown.count; i++)
        if (!shown.taken[i])
            disappoint(play, &s->step[at], &shown);
    for (int i = 0; i < shown.count; i++)
        free(shown.text[i]);
    return end;
}

static void play_expectations(struct play *play, int at, int end)
{
    const struct scenario *s = play->scenario;
    bool incidents = false;

    for (int i = at; i < end; i++) {
        const char *want = s->step[i].text;
        if (strncmp(want, "counter ", 8) == 0 && !play->manner->shuffle)
            expect_counter(play, &s->step[i]);
        else if (strncmp(want, "warning ", 8) == 0)
            expect_warning(play, &s->step[i]);
        else if (strncmp(want, "events ", 7) == 0 && !play->manner->shuffle &&
                 !play->manner->silent)
            expect_events(play, &s->step[i]);
        else if (strncmp(want, "incident ", 9) == 0 || strcmp(want, "none") == 0)
            incidents = true;
        else if (strncmp(want, "counter ", 8) != 0 && strncmp(want, "events ", 7) != 0)
            scenario_bad(s, s->step[i].number, "expect what tests/unit/scenario.h lists");
    }
    if (incidents)
        expect_incidents(play, at);
}

static void play_step(struct play *play, const struct step *step)
{
    switch (step->type) {
    case STEP_LINES:
        if (play->manner->shuffle && step->units > 1)
            play_shuffled(play, step);
        else
            play_in_order(play, step);
        break;
    case STEP_PASS:
        hand_over(play);
        play->now_s += step->seconds;
        if (!play->manner->silent)
            pipeline_tick(play->pipeline, play->now_s * US_PER_S);
        break;
    case STEP_RELOAD:
        hand_over(play);
        pipeline_set(play->pipeline, play_settings(play, step->text), play->site);
        break;
    default:
        break;
    }
}

static char *play_json(struct play *play)
{
    struct detector *d = &play->pipeline->detector;
    const struct incident **list = calloc(d->incident_count + 1, sizeof(*list));
    uint32_t n = incidents_in_order(d, list);
    struct buf buf = buf_new(1 << 24);

    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, d, list[i]);
        json_t *json = incident_json(&view);
        char *text = json_dumps(json, JSON_SORT_KEYS);
        buf_printf(&buf, "%s\n", text);
        free(text);
        json_decref(json);
        incident_view_done(&view);
    }
    free(list);
    return buf_take(&buf);
}

char *scenario_play(const struct scenario *s, const struct manner *manner)
{
    struct play play = {.scenario = s, .manner = manner};
    bool finished = false;

    play_begin(&play);
    for (int i = 0; i < s->steps; i++) {
        int end = i;
        while (end < s->steps && s->step[end].type == STEP_EXPECT)
            end++;
        if (end == i) {
            play_step(&play, &s->step[i]);
            continue;
        }
        hand_over(&play);
        if (!expects_more(s, end) && !finished) {
            pipeline_finish(play.pipeline);
            finished = true;
        } else {
            detector_group(&play.pipeline->detector);
        }
        if (manner->judge)
            play_expectations(&play, i, end);
        i = end - 1;
    }
    char *json = play_json(&play);
    play_end(&play);
    return json;
}

#endif
