/* SPDX-License-Identifier: MIT */
#include "pipeline.h"

#include <assert.h>
#include <stdlib.h>

enum {
    BATCH = 16,
    DAY_S = 86400,
    SWEEP_S = 600, /* what is old is looked for at least so often, however silent the log */
    UNQUEUED_S = 6 * 3600,
    FINISHED_S = 600,
};

/* What a host and a tag mean. */
struct tag_entry {
    enum program program;
    uint16_t source;
    bool relay_service;
};

struct pending {
    struct header header;
    struct record record;
    struct span text;
    uint32_t at_s, now_s;
    uint32_t hash;
    uint32_t client_hash; /* 0 where the record has none */
    uint16_t source;
};

/* Lines are read a few at a time: while one is parsed, the memory that the ones before it will
 * touch is on its way. With a million messages in flight a line's message is in no cache. */
struct pipeline_batch {
    struct pending pending[BATCH];
    unsigned count;
    struct header_prefix prefix[HEADER_PREFIXES];
    struct tag_entry tag[HEADER_PREFIXES]; /* what the prefix of that number means */
};

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

static bool init_stages(struct pipeline *p)
{
    const struct settings *settings = p->options.settings;
    struct tracker_limits limits;
    uint64_t texts = (uint64_t)settings->limits.messages * 4 + 1000000;

    set_limits(settings, &limits);
    p->batch = calloc(1, sizeof(*p->batch));
    if (!p->batch ||
        !texts_init(&p->texts, texts < UINT32_MAX ? (uint32_t)texts : UINT32_MAX,
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
    p->detector.hear = options->hear;
    p->detector.hear_ctx = options->hear_ctx;
    p->judge = (struct judge){.site = options->site,
                              .detector = &p->detector,
                              .tracker = &p->tracker,
                              .hosts = &p->hosts,
                              .texts = &p->texts,
                              .heard = options->judged,
                              .heard_ctx = options->judged_ctx};
    p->life = (struct life){.tracker = &p->tracker,
                            .site = options->site,
                            .hosts = &p->hosts,
                            .judge = &p->judge,
                            .link = options->link,
                            .link_ctx = options->link_ctx};
    p->tracker.forgotten = forgotten;
    p->tracker.ctx = &p->judge;
    p->clock.zone = options->zone;
    p->clock.zone_ctx = options->zone_ctx;
    p->clock.last = WHEN_UNKNOWN;
    p->clock.prefix = p->batch->prefix;
    return p;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    if (p->texts.slot) {
        p->tracker.forgotten = NULL;
        if (p->judge.texts)
            judge_reset(&p->judge);
        if (p->life.tracker)
            life_done(&p->life);
        if (p->tracker.index)
            tracker_done(&p->tracker);
        if (p->detector.cell_index)
            detector_done(&p->detector);
        if (p->hosts.host)
            hosts_done(&p->hosts);
        texts_done(&p->texts);
    }
    free(p->batch);
    free(p);
}

void pipeline_set_reference(struct pipeline *p, wall_us reference)
{
    p->clock.reference = reference;
    p->clock.stamp_len = 0; /* the cached date had the old one's year */
}

/* --- time ------------------------------------------------------------------------------------- */

/* One line with a time of its own, far ahead, must not make all that follows late. Two in a row are
 * believed: the machine was off. */
static uint32_t event_time(struct pipeline *p, wall_us when)
{
    uint32_t at_s = when > 0 ? (uint32_t)(when / US_PER_S) : p->now_s;

    if (at_s < p->now_s) {
        p->counters.late++;
        return at_s;
    }
    if (p->now_s && at_s > p->now_s + DAY_S) {
        bool again = p->jump_s && at_s + DAY_S > p->jump_s && at_s < p->jump_s + DAY_S;
        if (!again) {
            p->counters.time_jumps++;
            p->jump_s = at_s;
            return at_s; /* for itself it counts in the time it names */
        }
    }
    p->jump_s = 0;
    p->now_s = at_s;
    return at_s;
}

static void go_on(struct pipeline *p, uint32_t now_s)
{
    if (now_s <= p->ticked_s)
        return;
    p->ticked_s = p->judge.present_s = now_s;
    life_tick(&p->life, now_s);
    detector_tick(&p->detector, now_s);
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct tag_entry look_up_tag(struct pipeline *p, const struct header *header)
{
    struct tag_entry *known = header->prefix >= 0 ? &p->batch->tag[header->prefix] : NULL;
    struct tag_entry entry = {.source = HOSTS_NONE};
    struct span instance = SPAN_NONE;

    if (known && !header->prefix_new)
        return *known;
    entry.program = program_of_tag(header->tag, &instance);
    if (entry.program != PROGRAM_NONE)
        entry.source =
            hosts_source(&p->hosts, header->host, instance, site_address_form(p->options.site));
    entry.relay_service = tag_is_relay_service(header->tag);
    if (known)
        *known = entry;
    return entry;
}

/* Before Postfix 3.5 addresses are unquoted; since then only by a setting, which shows itself. */
static void learn_form(struct pipeline *p, uint16_t source, const struct record *rec)
{
    struct host_source *s = &p->hosts.source[source];
    uint64_t major = 0, minor = 0;
    struct span version = rec->version;

    if (rec->proves_internal_form) {
        s->form = ADDRESS_FORM_INTERNAL;
    } else if (rec->type == RECORD_VERSION &&
               site_address_form(p->options.site) == ADDRESS_FORM_UNKNOWN &&
               span_take_number(&version, &major) && span_take(&version, SPAN(".")) &&
               span_take_number(&version, &minor)) {
        bool quoted = major > 3 || (major == 3 && minor >= 5);
        s->form = quoted ? ADDRESS_FORM_EXTERNAL : ADDRESS_FORM_INTERNAL;
    }
}

static void see(struct pipeline *p, const struct header *header, const struct record *rec,
                uint16_t source, struct span text)
{
    struct pipeline_line line = {header, rec, source, NULL, text};

    if (!p->options.see)
        return;
    if (rec && source != HOSTS_NONE && queue_id_is_set(rec->id))
        line.message = tracker_find(&p->tracker, source, rec->id);
    p->options.see(p->options.see_ctx, &line);
}

static void apply(struct pipeline *p, const struct pending *pending)
{
    go_on(p, pending->now_s);
    p->judge.present_s = pending->now_s;
    p->life.clock_s = pending->now_s;
    life_apply(&p->life, pending->source, &pending->record, pending->at_s);
    if (p->options.see)
        see(p, &pending->header, &pending->record, pending->source, pending->text);
}

static void flush(struct pipeline *p)
{
    struct pipeline_batch *batch = p->batch;

    for (unsigned i = 0; i < batch->count; i++) {
        tracker_prefetch_message(&p->tracker, batch->pending[i].hash);
        if (batch->pending[i].client_hash)
            texts_prefetch_text(&p->texts, batch->pending[i].client_hash);
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

static void take_header(struct pipeline *p, const struct header *header, struct span text)
{
    struct pending *pending = &p->batch->pending[p->batch->count];
    struct record *rec = &pending->record;
    struct tag_entry tag = look_up_tag(p, header);
    uint16_t source = tag.source;

    if (tag.program == PROGRAM_NONE || source == HOSTS_NONE) {
        if (tag.program == PROGRAM_NONE)
            p->counters.other_programs++;
        else
            p->counters.hosts_refused++;
        see(p, header, NULL, HOSTS_NONE, text);
        return;
    }
    uint32_t at_s = event_time(p, header->when);
    record_parse(tag.program, header->text, p->hosts.source[source].form, rec);
    rec->by_relay_service = tag.relay_service;
    rec->pid = header->pid;
    count_record(p, rec);
    if (rec->type == RECORD_VERSION || rec->proves_internal_form)
        learn_form(p, source, rec);
    if (rec->type <= RECORD_NOTE || rec->type == RECORD_VERSION) {
        see(p, header, rec, source, text);
        return;
    }
    pending->at_s = at_s;
    pending->now_s = p->now_s;
    pending->source = source;
    pending->hash = tracker_hash(&p->tracker, source, rec->id);
    tracker_prefetch_index(&p->tracker, pending->hash);
    pending->client_hash = rec->type == RECORD_CLIENT ? texts_prefetch(&p->texts, rec->client) : 0;
    if (p->options.see) {
        pending->header = *header;
        pending->text = text;
    }
    if (++p->batch->count == BATCH || p->options.see)
        flush(p);
}

static void take_line(struct pipeline *p, struct span line)
{
    struct header header;

    p->counters.lines++;
    /* A writer without O_APPEND leaves zeros before its next line after a truncation. */
    while (line.len && line.at[0] == '\0')
        line = span_skip(line, 1);
    if (line.len > PIPELINE_LINE_MAX)
        line.len = PIPELINE_LINE_MAX;
    if (line.len == 0 || (line.len == 1 && line.at[0] == '\r')) {
        p->counters.empty++;
        see(p, NULL, NULL, HOSTS_NONE, line);
        return;
    }
    if (!header_parse(&p->clock, line, &header)) {
        p->counters.not_syslog++;
        see(p, NULL, NULL, HOSTS_NONE, line);
        return;
    }
    take_header(p, &header, line);
}

void pipeline_lines(struct pipeline *p, const char *data, size_t len)
{
    assert(!p->busy);
    p->busy = true;
    while (len) {
        const char *end = memchr(data, '\n', len);
        size_t n = end ? (size_t)(end - data) : len;
        take_line(p, span_of(data, n));
        n += end != NULL;
        data += n;
        len -= n;
    }
    flush(p);
    p->busy = false;
}

void pipeline_entry(struct pipeline *p, const struct header *header)
{
    assert(!p->busy);
    p->busy = true;
    p->counters.lines++;
    if (header->tag.len && header->host.len)
        take_header(p, header, SPAN_NONE);
    else
        p->counters.not_syslog++;
    flush(p);
    p->busy = false;
}

void pipeline_tick(struct pipeline *p, wall_us now)
{
    uint32_t now_s = (uint32_t)(now / US_PER_S);

    if (now_s <= p->now_s || !p->now_s)
        return;
    p->now_s = now_s;
    go_on(p, now_s);
}

wall_us pipeline_next_tick(const struct pipeline *p)
{
    const struct fifo *waiting = &p->tracker.waiting;
    uint32_t next = detector_next_tick(&p->detector);

    if (waiting->count && waiting->entry[waiting->head].due_s < next)
        next = waiting->entry[waiting->head].due_s;
    if ((p->tracker.count || p->detector.cell_used) && p->ticked_s + SWEEP_S < next)
        next = p->ticked_s + SWEEP_S;
    return next == UINT32_MAX ? WHEN_UNKNOWN : next * US_PER_S;
}

void pipeline_finish(struct pipeline *p)
{
    p->judge.present_s = p->now_s;
    life_finish(&p->life);
    detector_settle(&p->detector, p->now_s);
}

void pipeline_set(struct pipeline *p, const struct settings *settings, struct site *site)
{
    judge_reset(&p->judge);
    p->options.settings = settings;
    p->options.site = site;
    p->judge.site = site;
    p->life.site = site;
    set_limits(settings, &p->tracker.limits);
    tracker_fit(&p->tracker);
    detector_set_settings(&p->detector, settings);
    detector_fit(&p->detector, settings->limits.cells, settings->limits.incidents);
    for (uint16_t i = 0; i < p->hosts.source_count; i++)
        if (site_address_form(site) != ADDRESS_FORM_UNKNOWN)
            p->hosts.source[i].form = site_address_form(site);
}
