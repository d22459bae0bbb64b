/* SPDX-License-Identifier: MIT */
#include "engine/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/counters.h"
#include "engine/fleet_clock.h"
#include "engine/host_clocks.h"
#include "engine/pipeline_hosts.h"
#include "engine/pipeline_take.h"
#include "engine/pipeline_time.h"
#include "parse/record_shapes.h"
#include "site/site_digest.h"

enum { DAY_S = 86400, UNQUEUED_S = 6 * 3600, FINISHED_S = 600 };

static void forgotten(void *ctx, struct message *m)
{
    if (m->state != MESSAGE_GONE)
        judge_gone(ctx, m);
}

static struct tracker_limits limits_of(const struct settings *settings)
{
    return (struct tracker_limits){
        .messages = settings->limits.messages,
        .finished = settings->limits.finished,
        .finished_s = FINISHED_S,
        .grace_s = (uint32_t)(settings->limits.grace / US_PER_S),
        .age_s = (uint32_t)(settings->limits.message_age / US_PER_S),
        .unqueued_s = UNQUEUED_S,
        .recipients = settings->limits.recipients,
        /* A quarter is the detector's. Texts that it shares with messages count here. */
        .bytes = ((uint64_t)settings->limits.memory << 20) / 4 * 3,
    };
}

static bool init_stages(struct pipeline *p)
{
    const struct settings *settings = p->options.settings;
    const struct tracker_limits limits = limits_of(settings);
    uint64_t texts = (uint64_t)settings->limits.messages * 4 + 1000000;

    p->batch = calloc(1, sizeof(*p->batch));
    if (!p->batch ||
        !interns_init(&p->texts, texts < UINT32_MAX ? (uint32_t)texts : UINT32_MAX,
                      p->options.seed) ||
        !hosts_init(&p->hosts, (uint16_t)settings->limits.hosts, &p->texts) ||
        !tracker_init(&p->tracker, &limits, &p->texts, &p->hosts, p->options.seed) ||
        !detector_init(&p->detector, settings, &p->texts, &p->hosts, p->options.seed))
        return false;
    p->judge = (struct judge){.classifier = {.site = p->options.site, .texts = &p->texts},
                              .clients = {.site = p->options.site, .texts = &p->texts},
                              .detector = &p->detector,
                              .tracker = &p->tracker,
                              .hosts = &p->hosts,
                              .on_verdict = p->options.on_verdict,
                              .on_verdict_ctx = p->options.on_verdict_ctx};
    return answers_init(&p->judge.answers) &&
           lifecycle_init(&p->life, &p->tracker, p->options.site, &p->judge);
}

struct pipeline *pipeline_new(const struct pipeline_options *options)
{
    struct pipeline *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    p->options = *options;
    p->judged_by_site = site_digest(options->site);
    site_set_seed(options->site, options->seed);
    if (!init_stages(p)) {
        pipeline_free(p);
        return NULL;
    }
    p->detector.on_event = options->on_event;
    p->detector.on_event_ctx = options->on_event_ctx;
    p->life.on_link = options->on_link;
    p->life.on_link_ctx = options->on_link_ctx;
    p->life.trace = p->judge.trace = p->detector.trace = options->trace;
    pipeline_hosts_init(p);
    p->tracker.forgotten = forgotten;
    p->tracker.ctx = &p->judge;
    p->parser = &p->batch->parser;
    p->form = site_address_form(options->site);
    log_line_parser_init(p->parser, options->zone, options->zone_ctx, p->form, options->seed);
    return p;
}

void pipeline_set_reference(struct pipeline *p, wall_us reference)
{
    log_line_parser_set_reference(p->parser, reference);
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    if (p->texts.slot) {
        p->tracker.forgotten = NULL;
        if (p->judge.classifier.texts)
            judge_done(&p->judge);
        if (p->life.tracker)
            lifecycle_done(&p->life);
        if (p->tracker.index)
            tracker_done(&p->tracker);
        if (p->detector.cell_index)
            detector_done(&p->detector);
        if (p->hosts.host)
            hosts_done(&p->hosts);
        old_queue_done(&p->old_queue, &p->texts);
        interns_done(&p->texts);
    }
    kept_lines_done(&p->kept);
    free(p->batch);
    free(p);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void begin(struct pipeline *p)
{
    assert(!p->busy);
    p->busy = true;
    fleet_clock_begin(p);
}

static void end_of_call(struct pipeline *p)
{
    pipeline_flush(p);
    p->busy = false;
}

/* The syslog line in a line of another form. There is one buffer: each line is applied before the
 * next. */
static __attribute__((noinline)) struct span unwrap(struct pipeline *p, struct span text)
{
    pipeline_flush(p);
    return log_line_unwrap(p->parser, text, p->batch->unwrapped);
}

/* A line that may be anything. */
static __attribute__((noinline)) void take_any(struct pipeline *p, struct span text)
{
    if (log_line_is_wrapped(p->parser, text))
        text = unwrap(p, text);
    /* The place of the next one that has to wait; others leave it free. */
    struct log_line *line = &p->batch->line[p->batch->count];
    p->parser->form = p->form;
    log_line_parse(p->parser, text, line);
    pipeline_take(p, line);
}

static __attribute__((noinline)) void take_usual(struct pipeline *p, struct span text,
                                                 const struct syslog_usual *usual)
{
    struct log_line *line = &p->batch->line[p->batch->count];

    p->parser->form = p->form;
    log_line_parse_usual(p->parser, text, usual, line);
    pipeline_take(p, line);
}

/* Counts a line that changes nothing but counters, as pipeline_take would; false if it may do more.
 * Half of all lines end here. */
static inline bool count_idle(struct pipeline *p, struct span text,
                              const struct syslog_usual *usual)
{
    struct log_line_tag tag = p->parser->tag[usual->number];
    uint16_t source = p->batch->source[usual->number];

    if (tag.program == PROGRAM_NONE) {
        if (tag.has_lost_program || p->kept.count)
            return false;
        p->counters.lines++;
        pipeline_count_line(p, LOG_LINE_OTHER);
        return true;
    }
    if (!record_shape_of_idle(tag.program, syslog_usual_text(text, usual)) ||
        source >= PIPELINE_SOURCE_STALE)
        return false;
    const struct host *host = &p->hosts.host[hosts_host(source)];
    uint32_t at_s = pipeline_event_time(host, usual->when);
    if (host->kept || at_s > host->now_s)
        return false;
    p->counters.lines++;
    p->counters.late += at_s < host->now_s;
    host_clocks_see(p, hosts_host(source), at_s);
    pipeline_count_idle(p);
    return true;
}

void pipeline_lines(struct pipeline *p, const char *data, size_t len)
{
    const char *at = data, *end = data + len;
    bool watched = p->options.on_line || p->options.trace;
    struct syslog_usual usual;

    begin(p);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct span text = span_of(at, (size_t)((newline ? newline : end) - at));
        at = newline ? newline + 1 : end;
        bool is_usual =
            text.len <= LOG_LINE_MAX && syslog_usual_find(&p->parser->clock, text, &usual);
        if (__builtin_expect(!is_usual,
                             0)) /* else gcc takes the rest for rare, and divides there */
            take_any(p, text);
        else if (watched || !count_idle(p, text, &usual))
            take_usual(p, text, &usual);
    }
    end_of_call(p);
}

void pipeline_entry(struct pipeline *p, const struct syslog_header *header)
{
    struct log_line *line = &p->batch->line[0];

    begin(p);
    p->parser->form = p->form;
    log_line_parse_entry(p->parser, header, line);
    pipeline_take(p, line);
    end_of_call(p);
}

/* Whoever parsed the lines has them in another processor's cache. Each is fetched in time, and then
 * the head of the text that it points to. Inlined, since gcc drops the call of a function that does
 * nothing but prefetch. */
static inline __attribute__((always_inline)) void prefetch_parsed(const struct log_line *line,
                                                                  size_t i, size_t count)
{
    enum { LINE_AHEAD = 16, TEXT_AHEAD = 8, CACHE_LINE = 64 };

    if (i + LINE_AHEAD < count)
        for (size_t at = 0; at < sizeof(*line); at += CACHE_LINE)
            __builtin_prefetch((const char *)&line[i + LINE_AHEAD] + at);
    if (i + TEXT_AHEAD < count) {
        struct span text = line[i + TEXT_AHEAD].header.text;
        if (text.len > CACHE_LINE)
            __builtin_prefetch(text.at + CACHE_LINE);
        __builtin_prefetch(text.at);
    }
}

void pipeline_parsed(struct pipeline *p, struct log_line *line, size_t count)
{
    begin(p);
    for (size_t i = 0; i < count; i++) {
        prefetch_parsed(line, i, count);
        pipeline_take(p, &line[i]);
    }
    end_of_call(p);
}

void pipeline_tick(struct pipeline *p, wall_us now)
{
    pipeline_clock(p, now);
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        const struct host *host = &p->hosts.host[i];
        uint32_t now_s = pipeline_host_time(p, host);
        wall_us moved_at = host->moved_at + (now_s - host->now_s) * US_PER_S;
        if (host->kept && pipeline_confirms_kept(p, host, now_s)) {
            begin(p);
            pipeline_take_kept(p, i, true);
            end_of_call(p);
        }
        pipeline_tick_host(p, i, now_s, moved_at);
    }
}

void pipeline_finish(struct pipeline *p)
{
    wall_us written = p->parser->clock.reference; /* no line can be later than that */

    begin(p);
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        const struct log_line_kept *kept = kept_lines_of(&p->kept, &p->hosts.host[i]);
        if (kept)
            pipeline_take_kept(p, i, written <= 0 || kept->when < written + DAY_S * US_PER_S);
    }
    end_of_call(p);
    pipeline_finish_stages(p);
}

void pipeline_set(struct pipeline *p, const struct settings *settings, struct site *site)
{
    judge_set_site(&p->judge, site);
    p->options.settings = settings;
    p->options.site = site;
    p->life.site = site;
    if (p->judged_by_site != site_digest(site))
        p->judge.reread |= REREAD_SETTINGS;
    const struct tracker_limits limits = limits_of(settings);
    link_index_fit(&p->life.links, &p->tracker, &limits);
    tracker_set_limits(&p->tracker, &limits);
    detector_set_settings(&p->detector, settings);
    detector_fit(&p->detector);
    pipeline_hosts_set(p);
    pipeline_judge_again(p);
}
