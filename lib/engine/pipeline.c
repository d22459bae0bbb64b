/* SPDX-License-Identifier: MIT */
#include "engine/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "detect/evict.h"
#include "engine/counters.h"
#include "engine/fleet_clock.h"
#include "engine/host_clocks.h"
#include "engine/pipeline_hosts.h"
#include "engine/pipeline_show.h"
#include "engine/pipeline_time.h"
#include "parse/syslog_json.h"
#include "site/site_digest.h"
#include "track/tracker_lists.h"

enum {
    BATCH = 64, /* lines */
    AHEAD = 6,  /* lines whose work takes about as long as memory does */
    DAY_S = 86400,
    UNQUEUED_S = 6 * 3600,
    FINISHED_S = 600,
    SOURCE_STALE = HOSTS_NONE - 1,
};

struct pending {
    struct log_line *line;
    uint32_t at_s, now_s;
    uint32_t hash;      /* of the queue ID */
    uint64_t text_hash; /* lifecycle_hash; 0 where it has no such text */
    uint16_t source;
};

/* Lines are read a few at a time: while one is parsed, the memory that the lines before it need is
 * being fetched. With a million messages in flight, a line's message is in no cache. */
struct pipeline_batch {
    struct log_line_parser parser;
    struct log_line line[BATCH];
    struct log_line again;        /* the line that was held back */
    char unwrapped[LOG_LINE_MAX]; /* the syslog line in the last JSON object */
    struct pending pending[BATCH];
    unsigned count;
    uint16_t source[SYSLOG_PREFIXES]; /* of lines that have the prefix of that number */
};

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
    log_line_parser_init(p->parser, options->zone, options->zone_ctx, p->form);
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

static void flush(struct pipeline *p);

/* The lines before this one must not see a name that it introduces. If that is a queue's, the
 * numbers of other sources may change. */
static uint16_t add_source(struct pipeline *p, const struct syslog_header *header, struct span host,
                           struct span instance, bool is_queue)
{
    uint64_t changes = p->hosts.changes;

    flush(p);
    uint16_t source = pipeline_add_source(p, header, host, instance, is_queue);
    for (int i = 0; changes != p->hosts.changes && i < SYSLOG_PREFIXES; i++)
        p->batch->source[i] = SOURCE_STALE;
    return source;
}

static __attribute__((noinline)) uint16_t new_source(struct pipeline *p,
                                                     const struct log_line *line)
{
    const struct syslog_header *header = &line->header;
    struct span instance, host = pipeline_host_name(p, header->host);
    bool is_queue = program_of_tag(header->tag, &instance) == PROGRAM_QMGR;
    uint16_t source = hosts_known(&p->hosts, host, instance, is_queue);

    if (source == HOSTS_NONE)
        source = add_source(p, header, host, instance, is_queue);
    if (header->prefix >= 0) /* there may be room for it later */
        p->batch->source[header->prefix] = source != HOSTS_NONE ? source : SOURCE_STALE;
    return source;
}

/* The host and instance that wrote it, remembered by prefix; HOSTS_NONE beyond the bounds, and if
 * it isn't needed. */
static inline uint16_t look_up_source(struct pipeline *p, const struct log_line *line)
{
    int prefix = line->header.prefix;

    if (prefix >= 0 && line->header.prefix_new)
        p->batch->source[prefix] = SOURCE_STALE;
    if (line->kind != LOG_LINE_POSTFIX)
        return HOSTS_NONE;
    if (prefix >= 0 && p->batch->source[prefix] != SOURCE_STALE)
        return p->batch->source[prefix];
    return new_source(p, line);
}

static void apply(struct pipeline *p, const struct pending *pending)
{
    uint16_t host = hosts_host(pending->source);

    if (pending->now_s > p->hosts.host[host].ticked_s) {
        pipeline_go_on(p, host, pending->now_s);
        fleet_clock_see(p, host, pending->now_s);
    }
    p->judge.present_s = p->life.clock_s = pending->now_s;
    lifecycle_apply(&p->life, pending->source, &pending->line->record, pending->text_hash,
                    pending->at_s);
    pipeline_see(p, pending->line, pending->source);
}

static void flush(struct pipeline *p)
{
    struct pipeline_batch *batch = p->batch;

    /* A batch adds a few kilobytes at most. */
    if (tracker_is_over(&p->tracker))
        tracker_evict_for_bytes(&p->tracker);
    if (evict_is_over(&p->detector))
        evict_for_bytes(&p->detector);
    for (const struct pending *it = batch->pending; it < batch->pending + batch->count; it++) {
        tracker_prefetch_message(&p->tracker, it->hash);
        if (it->text_hash)
            lifecycle_prefetch(&p->life, it->source, &it->line->record, it->text_hash);
    }
    for (unsigned i = 0; i < batch->count; i++) {
        if (i + AHEAD < batch->count) {
            const struct pending *later = &batch->pending[i + AHEAD];
            lifecycle_prefetch_more(&p->life, &later->line->record, later->hash, later->text_hash);
        }
        apply(p, &batch->pending[i]);
    }
    batch->count = 0;
}

/* Inlined, since every line passes here. */
static inline __attribute__((always_inline)) void
take_record(struct pipeline *p, struct log_line *line, uint16_t source, uint32_t at_s)
{
    struct host *host = &p->hosts.host[hosts_host(source)];
    struct host_source *instance = &p->hosts.source[source];
    struct record *rec = &line->record;

    if (at_s <= host->now_s)
        p->counters.late += at_s < host->now_s;
    else if (pipeline_is_far_ahead(host, at_s))
        p->counters.time_jumps++; /* it is applied, but moves no clock */
    else
        pipeline_move_host(p, host, at_s);
    host_clocks_see(p, hosts_host(source), at_s);
    if (line->form != instance->form) {
        log_line_read_as(line, instance->form);
        p->form = instance->form; /* most likely the next line's too */
    }
    pipeline_count_record(p, rec);
    if (trace_wants(p->options.trace, TRACE_RECORD))
        pipeline_trace_record(p, line);
    if (rec->refusal != REFUSAL_NONE)
        pipeline_take_refusal(p, rec);
    if (rec->type == RECORD_VERSION) {
        enum address_form shown = log_line_form_shown(rec, site_address_form(p->options.site));
        if (shown != ADDRESS_FORM_UNKNOWN)
            instance->form = p->form = shown;
    }
    if (rec->type <= RECORD_NOTE || rec->type == RECORD_VERSION) {
        pipeline_see(p, line, source);
        return;
    }
    hosts_touch(&p->hosts, source, p->counters.lines);
    struct pending *pending = &p->batch->pending[p->batch->count];
    *pending = (struct pending){.line = line, .at_s = at_s, .now_s = host->now_s, .source = source};
    pending->hash = tracker_hash(&p->tracker, source, rec->id);
    tracker_prefetch_index(&p->tracker, pending->hash);
    if (lifecycle_has_text(rec))
        pending->text_hash = lifecycle_hash(&p->life, source, rec);
    if (++p->batch->count == BATCH || p->options.on_line)
        flush(p);
}

/* Applies the line of a host that was held back for a timestamp a day ahead. If the host's next
 * line confirms the jump, as after a pause, its time moves on; otherwise the line is an outlier. */
static void take_kept(struct pipeline *p, uint16_t number, bool is_true)
{
    struct log_line *line = &p->batch->again;
    uint16_t source;

    flush(p);
    struct log_line_kept kept = kept_lines_take(&p->kept, &p->hosts, number);
    log_line_parse_kept(&kept, site_address_form(p->options.site), line);
    if (line->kind == LOG_LINE_POSTFIX && (source = look_up_source(p, line)) != HOSTS_NONE) {
        struct host *host = &p->hosts.host[hosts_host(source)];
        uint32_t at_s = pipeline_event_time(host, kept.when);
        if (is_true && at_s > host->now_s)
            pipeline_move_host(p, host, at_s);
        take_record(p, line, source, at_s);
        flush(p);
    }
    log_line_kept_done(&kept);
}

/* A line of that host has come, with that date. */
static void decide_kept(struct pipeline *p, uint16_t number, wall_us when)
{
    const struct host *host = &p->hosts.host[number];

    if (host->kept)
        take_kept(p, number, pipeline_confirms_kept(p, host, pipeline_event_time(host, when)));
}

static void take_postfix(struct pipeline *p, struct log_line *line, uint16_t source)
{
    uint16_t number = hosts_host(source);
    const struct host *host = &p->hosts.host[number];

    if (host->kept) {
        decide_kept(p, number, line->header.when);
        p->batch->line[0] = *line; /* the place of the first that waits */
        line = &p->batch->line[0];
    }
    uint32_t at_s = pipeline_event_time(host, line->header.when);
    if (at_s <= host->now_s || !pipeline_is_far_ahead(host, at_s) ||
        !kept_lines_put(&p->kept, &p->hosts, number, line))
        take_record(p, line, source, at_s);
}

/* The line must not move until the batch is flushed. */
static void take_line(struct pipeline *p, struct log_line *line)
{
    unsigned waited = p->batch->count;
    uint16_t source = line->kind >= LOG_LINE_OTHER ? look_up_source(p, line) : HOSTS_NONE;

    if (p->batch->count < waited && line == &p->batch->line[waited]) {
        p->batch->line[0] = *line; /* the place of the first that waits */
        line = &p->batch->line[0];
    }
    p->counters.lines++;
    if (line->kind == LOG_LINE_POSTFIX && source != HOSTS_NONE) {
        take_postfix(p, line, source);
        return;
    }
    if (p->kept.count && line->kind >= LOG_LINE_OTHER) {
        uint16_t host = hosts_find(&p->hosts, line->header.host);
        if (host != HOSTS_NONE)
            decide_kept(p, host, line->header.when);
    }
    pipeline_count_line(p, line->kind);
    pipeline_see(p, line, HOSTS_NONE);
}

static void begin(struct pipeline *p)
{
    assert(!p->busy);
    p->busy = true;
    fleet_clock_begin(p);
}

static void end(struct pipeline *p)
{
    flush(p);
    p->busy = false;
}

/* The syslog line in a JSON object. There is one buffer: each line is applied before the next. */
static struct span unwrap(struct pipeline *p, struct span text)
{
    flush(p);
    return syslog_json_unwrap(log_line_that_counts(text), p->batch->unwrapped,
                              sizeof(p->batch->unwrapped));
}

void pipeline_lines(struct pipeline *p, const char *data, size_t len)
{
    struct span rest = span_of(data, len), text;

    begin(p);
    while (span_take_line(&rest, &text)) {
        if (text.len && (text.at[0] == '{' || text.at[0] == '\0')) /* zeros may hide a "{" */
            text = unwrap(p, text);
        /* The place of the next one that has to wait; others leave it free. */
        struct log_line *line = &p->batch->line[p->batch->count];
        p->parser->form = p->form;
        log_line_parse(p->parser, text, line);
        take_line(p, line);
    }
    end(p);
}

void pipeline_entry(struct pipeline *p, const struct syslog_header *header)
{
    struct log_line *line = &p->batch->line[0];

    begin(p);
    p->parser->form = p->form;
    log_line_parse_entry(p->parser, header, line);
    take_line(p, line);
    end(p);
}

void pipeline_parsed(struct pipeline *p, struct log_line *line, size_t count)
{
    begin(p);
    for (size_t i = 0; i < count; i++)
        take_line(p, &line[i]);
    end(p);
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
            take_kept(p, i, true);
            end(p);
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
            take_kept(p, i, written <= 0 || kept->when < written + DAY_S * US_PER_S);
    }
    end(p);
    pipeline_finish_stages(p);
}

void pipeline_set(struct pipeline *p, const struct settings *settings, struct site *site)
{
    judge_set_site(&p->judge, site);
    p->options.settings = settings;
    p->options.site = site;
    p->life.site = site;
    if (p->judged_by_site != site_digest(site))
        p->judged_by_site = 0;
    const struct tracker_limits limits = limits_of(settings);
    link_index_fit(&p->life.links, &p->tracker, &limits);
    tracker_set_limits(&p->tracker, &limits);
    detector_set_settings(&p->detector, settings);
    detector_fit(&p->detector);
    pipeline_hosts_set(p);
    pipeline_judge_again(p);
}
