/* SPDX-License-Identifier: MIT */
#include "engine/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/pipeline_time.h"
#include "track/tracker_lists.h"

enum {
    BATCH = 16,
    DAY_S = 86400,
    SWEEP_S = 600,         /* sweep at least this often, even if the log is silent */
    UNQUEUED_S = 6 * 3600, /* forget messages that don't reach the queue in this time */
    FINISHED_S = 600,      /* keep finished messages this long for late links */
};

/* A parsed line that waits to be applied. */
struct pending {
    struct log_line *line;
    uint32_t at_s, now_s; /* the line's own time; event time after it */
    uint32_t hash;        /* of the message's key in the tracker */
    uint32_t client_hash; /* 0 if the record has no client */
    uint16_t source;
};

/* Lines are applied in batches. While a line is parsed, the memory that the earlier ones will touch
 * is being prefetched: with a million messages in flight, a line's message is in no cache. */
struct pipeline_batch {
    struct log_line_parser parser;
    struct log_line line[BATCH];
    struct log_line again; /* the line that was held back */
    struct pending pending[BATCH];
    unsigned count;
    uint16_t source[SYSLOG_PREFIXES]; /* by the number of a line's prefix */
};

/* A message that is evicted or expires leaves its cell's queue, as if it had been removed. */
static void forgotten(void *ctx, struct message *m)
{
    if (m->state != MESSAGE_GONE)
        judge_gone(ctx, m);
}

static void set_limits(const struct settings *settings, struct tracker_limits *ret)
{
    *ret = (struct tracker_limits){
        .messages = settings->limits.messages,
        .finished = settings->limits.finished,
        .finished_s = FINISHED_S,
        .grace_s = (uint32_t)(settings->limits.grace / US_PER_S),
        .age_s = (uint32_t)(settings->limits.message_age / US_PER_S),
        .unqueued_s = UNQUEUED_S,
        .recipients = settings->limits.recipients,
    };
}

/* On failure pipeline_free cleans up. */
static bool init_stages(struct pipeline *p)
{
    const struct settings *settings = p->options.settings;
    struct tracker_limits limits;
    uint64_t texts = (uint64_t)settings->limits.messages * 4 + 1000000; /* a generous bound */

    set_limits(settings, &limits);
    p->batch = calloc(1, sizeof(*p->batch));
    if (!p->batch ||
        !interns_init(&p->texts, texts < UINT32_MAX ? (uint32_t)texts : UINT32_MAX,
                      p->options.seed) ||
        !hosts_init(&p->hosts, (uint16_t)settings->limits.hosts, &p->texts) ||
        !tracker_init(&p->tracker, &limits, &p->texts, p->options.seed) ||
        !detector_init(&p->detector, settings, &p->texts, &p->hosts, p->options.seed))
        return false;
    return true;
}

struct pipeline *pipeline_new(const struct pipeline_options *options)
{
    struct pipeline *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    p->options = *options;
    if (!init_stages(p)) {
        pipeline_free(p);
        return NULL;
    }
    p->detector.on_event = options->hear;
    p->detector.on_event_ctx = options->on_event_ctx;
    p->judge = (struct judge){.classifier = {.site = options->site, .texts = &p->texts},
                              .detector = &p->detector,
                              .tracker = &p->tracker,
                              .hosts = &p->hosts,
                              .heard = options->judged,
                              .on_verdict_ctx = options->on_verdict_ctx};
    /* Set one by one: assigning the whole struct would write to its large tables, which take no
     * memory until then. */
    p->life.tracker = &p->tracker;
    p->life.site = options->site;
    p->life.hosts = &p->hosts;
    p->life.judge = &p->judge;
    p->life.link = options->link;
    p->life.on_link_ctx = options->on_link_ctx;
    p->tracker.forgotten = forgotten;
    p->tracker.ctx = &p->judge;
    p->parser = &p->batch->parser;
    p->form = site_address_form(options->site);
    log_line_parser_init(p->parser, options->zone, options->zone_ctx, p->form);
    return p;
}

/* Also frees a pipeline whose init failed halfway. The stages drop their texts before the table of
 * texts goes. */
void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    if (p->texts.slot) {
        p->tracker.forgotten = NULL;
        if (p->judge.classifier.texts)
            classifier_reset(&p->judge.classifier);
        if (p->life.tracker)
            lifecycle_done(&p->life);
        if (p->tracker.index)
            tracker_done(&p->tracker);
        if (p->detector.cell_index)
            detector_done(&p->detector);
        if (p->hosts.host)
            hosts_done(&p->hosts);
        interns_done(&p->texts);
    }
    log_line_kept_done(&p->kept);
    free(p->batch);
    free(p);
}

void pipeline_set_reference(struct pipeline *p, wall_us reference)
{
    log_line_parser_set_reference(p->parser, reference);
}

/* --- time ------------------------------------------------------------------------------------- */

/* In whole seconds. Clamped below the year 2106, so that nothing added to a time overflows. */
static uint32_t event_time(const struct pipeline *p, wall_us when)
{
    wall_us s = when / US_PER_S, max = UINT32_MAX - 366 * (wall_us)DAY_S;

    return when <= 0 ? p->now_s : s < max ? (uint32_t)s : (uint32_t)max;
}

/* A single line with a wrong time far ahead must not make all lines after it late. */
static bool is_far_ahead(const struct pipeline *p, uint32_t at_s)
{
    return p->now_s && at_s > p->now_s + DAY_S;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The host and instance that wrote the line; HOSTS_NONE beyond the bounds. Remembered for each
 * prefix, so that few lines need a lookup. */
static uint16_t look_up_source(struct pipeline *p, const struct log_line *line)
{
    const struct syslog_header *header = &line->header;
    uint16_t *known = header->prefix >= 0 ? &p->batch->source[header->prefix] : NULL;
    uint16_t source = HOSTS_NONE;

    if (known && !header->prefix_new)
        return *known;
    if (line->kind == LOG_LINE_POSTFIX)
        source = hosts_source(&p->hosts, header->host, line->instance,
                              site_address_form(p->options.site));
    if (known)
        *known = source;
    return source;
}

static void show(struct pipeline *p, const struct log_line *line, uint16_t source)
{
    struct pipeline_line seen = {.source = HOSTS_NONE, .text = line->text};

    if (line->kind >= LOG_LINE_OTHER)
        seen.header = &line->header;
    if (line->kind == LOG_LINE_POSTFIX && source != HOSTS_NONE) {
        seen.record = &line->record;
        seen.source = source;
        if (queue_id_is_set(line->record.id))
            seen.message = tracker_find(&p->tracker, source, line->record.id);
    }
    p->options.see(p->options.on_line_ctx, &seen);
}

static inline void see(struct pipeline *p, const struct log_line *line, uint16_t source)
{
    if (p->options.see)
        show(p, line, source);
}

static void apply(struct pipeline *p, const struct pending *pending)
{
    if (pending->now_s > p->ticked_s)
        pipeline_go_on(p, pending->now_s); /* what is due before the line happens first */
    p->judge.present_s = pending->now_s;
    p->life.clock_s = pending->now_s;
    lifecycle_apply(&p->life, pending->source, &pending->line->record, pending->at_s);
    see(p, pending->line, pending->source);
}

/* Applies the batch. The index entries have been prefetched by now, and lead to the messages. */
static void flush(struct pipeline *p)
{
    struct pipeline_batch *batch = p->batch;

    for (unsigned i = 0; i < batch->count; i++) {
        tracker_prefetch_message(&p->tracker, batch->pending[i].hash);
        if (batch->pending[i].client_hash)
            interns_prefetch_entry(&p->texts, batch->pending[i].client_hash);
    }
    for (unsigned i = 0; i < batch->count; i++)
        apply(p, &batch->pending[i]);
    batch->count = 0;
}

static void count_record(struct pipeline *p, const struct record *rec)
{
    p->counters.postfix++;
    switch (rec->type) {
    case RECORD_UNPARSED:
        p->counters.unparsed++;
        break;
    case RECORD_AMBIGUOUS:
        p->counters.ambiguous++;
        break;
    case RECORD_IGNORED:
        p->counters.ignored++;
        break;
    case RECORD_NOTE:
        p->counters.noted++;
        break;
    default:
        break;
    }
}

/* Counts the line and adds it to the batch. Lines that concern no message end here. */
static void take_record(struct pipeline *p, struct log_line *line, uint16_t source, uint32_t at_s)
{
    struct host_source *host = &p->hosts.source[source];
    struct record *rec = &line->record;

    p->counters.late += at_s < p->now_s;
    if (is_far_ahead(p, at_s))
        p->counters.time_jumps++; /* it counts at its own time, but event time stays */
    else if (at_s > p->now_s)
        p->now_s = at_s;

    /* The line was parsed in the form of the line before it, which may come from another host. */
    if (line->form != host->form) {
        log_line_read_as(line, host->form);
        p->form = host->form; /* most likely the next line's too */
    }
    count_record(p, rec);
    if (rec->type == RECORD_VERSION || rec->proves_internal_form) {
        enum address_form shown = log_line_form_shown(rec, site_address_form(p->options.site));
        if (shown != ADDRESS_FORM_UNKNOWN)
            host->form = p->form = shown;
    }
    if (rec->type <= RECORD_NOTE || rec->type == RECORD_VERSION) {
        see(p, line, source);
        return;
    }
    struct pending *pending = &p->batch->pending[p->batch->count];
    *pending = (struct pending){.line = line, .at_s = at_s, .now_s = p->now_s, .source = source};
    pending->hash = tracker_hash(&p->tracker, source, rec->id);
    tracker_prefetch_index(&p->tracker, pending->hash);
    if (rec->type == RECORD_CLIENT)
        pending->client_hash = interns_prefetch(&p->texts, rec->client);
    if (++p->batch->count == BATCH || p->options.see)
        flush(p);
}

/* Applies the line that was held back. is_true: the log really paused, so event time moves to the
 * line's time. Otherwise the line is an outlier, and event time stays. */
static void take_kept(struct pipeline *p, bool is_true)
{
    struct log_line *line = &p->batch->again;
    uint16_t source;

    flush(p);
    log_line_parse_kept(&p->kept, site_address_form(p->options.site), line);
    if (line->kind == LOG_LINE_POSTFIX && (source = look_up_source(p, line)) != HOSTS_NONE) {
        uint32_t at_s = event_time(p, p->kept.when);
        if (is_true && at_s > p->now_s)
            p->now_s = at_s;
        take_record(p, line, source, at_s);
        flush(p);
    }
    log_line_kept_done(&p->kept);
}

/* Whether a line or a tick at at_s confirms the time of the line held back. */
static bool goes_on(const struct pipeline *p, uint32_t at_s)
{
    return at_s + DAY_S >= event_time(p, p->kept.when);
}

/* A line more than a day ahead is held back until the next one, or the clock, shows whether its
 * time is right. */
static void take_postfix(struct pipeline *p, struct log_line *line, uint16_t source)
{
    if (p->kept.bytes) {
        take_kept(p, goes_on(p, event_time(p, line->header.when)));
        p->batch->line[0] = *line; /* the batch is empty now, so its lines start at 0 again */
        line = &p->batch->line[0];
    }
    uint32_t at_s = event_time(p, line->header.when);
    if (!is_far_ahead(p, at_s) || !log_line_keep(&p->kept, line))
        take_record(p, line, source, at_s);
}

/* The line must not move until the batch is flushed. */
static void take_line(struct pipeline *p, struct log_line *line)
{
    uint16_t source = line->kind >= LOG_LINE_OTHER ? look_up_source(p, line) : HOSTS_NONE;

    p->counters.lines++;
    if (line->kind == LOG_LINE_POSTFIX && source != HOSTS_NONE) {
        take_postfix(p, line, source);
        return;
    }
    if (p->kept.bytes && line->kind >= LOG_LINE_OTHER)
        take_kept(p, goes_on(p, event_time(p, line->header.when)));
    if (line->kind == LOG_LINE_EMPTY)
        p->counters.empty++;
    else if (line->kind == LOG_LINE_NO_SYSLOG)
        p->counters.not_syslog++;
    else if (line->kind == LOG_LINE_OTHER)
        p->counters.other_programs++;
    else
        p->counters.hosts_refused++;
    see(p, line, HOSTS_NONE);
}

static void begin(struct pipeline *p)
{
    assert(!p->busy);
    p->busy = true;
}

static void end(struct pipeline *p)
{
    flush(p);
    p->busy = false;
}

void pipeline_lines(struct pipeline *p, const char *data, size_t len)
{
    struct span rest = span_of(data, len), text;

    begin(p);
    while (span_take_line(&rest, &text)) {
        /* The slot for the next line that has to wait. A line that need not wait is overwritten. */
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
    uint32_t now_s = (uint32_t)(now / US_PER_S);

    if (!p->now_s) /* event time starts with the first line */
        return;
    if (p->kept.bytes && goes_on(p, now_s)) {
        begin(p);
        take_kept(p, true);
        end(p);
    }
    if (now_s <= p->now_s)
        return;
    p->now_s = now_s;
    pipeline_go_on(p, now_s);
}

wall_us pipeline_next_tick(const struct pipeline *p)
{
    uint32_t next = pipeline_next_due(p);

    if (p->kept.bytes && event_time(p, p->kept.when) - DAY_S < next)
        next = event_time(p, p->kept.when) - DAY_S;
    if ((p->tracker.count || p->detector.cell_used) && p->ticked_s + SWEEP_S < next)
        next = p->ticked_s + SWEEP_S;
    if (next <= p->now_s) /* what is overdue happens at the next second */
        next = p->now_s + 1;
    return next == UINT32_MAX ? WHEN_UNKNOWN : next * US_PER_S;
}

void pipeline_finish(struct pipeline *p)
{
    if (p->kept.bytes) {
        wall_us written = p->parser->clock.reference; /* the log holds nothing later */
        begin(p);
        take_kept(p, written <= 0 || p->kept.when < written + DAY_S * US_PER_S);
        end(p);
    }
    p->judge.present_s = p->now_s;
    lifecycle_finish(&p->life);
    detector_group(&p->detector, p->now_s);
}

void pipeline_set(struct pipeline *p, const struct settings *settings, struct site *site)
{
    classifier_reset(&p->judge.classifier);
    p->options.settings = settings;
    p->options.site = site;
    p->judge.classifier.site = site;
    p->life.site = site;
    struct tracker_limits limits;
    set_limits(settings, &limits);
    tracker_set_limits(&p->tracker, &limits);
    detector_set_settings(&p->detector, settings);
    detector_fit(&p->detector, settings->limits.cells, settings->limits.incidents);
    /* If Postfix's settings say how addresses are written, that overrides what the log showed. */
    for (uint16_t i = 0; i < p->hosts.source_count; i++)
        if (site_address_form(site) != ADDRESS_FORM_UNKNOWN)
            p->hosts.source[i].form = site_address_form(site);
}
