/* SPDX-License-Identifier: MIT */
#include "engine/pipeline_take.h"

#include "detect/evict.h"
#include "engine/counters.h"
#include "engine/fleet_clock.h"
#include "engine/host_clocks.h"
#include "engine/pipeline_hosts.h"
#include "engine/pipeline_show.h"
#include "engine/pipeline_time.h"
#include "track/tracker_lists.h"

enum { AHEAD = 6 }; /* lines whose work takes about as long as memory does */

/* The lines before this one must not see a name that it introduces. If that is a queue's, the
 * numbers of other sources may change. */
static uint16_t add_source(struct pipeline *p, const struct syslog_header *header, struct span host,
                           struct span instance, bool is_queue)
{
    uint64_t changes = p->hosts.changes;

    pipeline_flush(p);
    uint16_t source = pipeline_add_source(p, header, host, instance, is_queue);
    if (changes != p->hosts.changes)
        for (int i = 0; i < SYSLOG_PREFIXES; i++)
            p->batch->source[i] = PIPELINE_SOURCE_STALE;
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
        p->batch->source[header->prefix] = source != HOSTS_NONE ? source : PIPELINE_SOURCE_STALE;
    return source;
}

/* The host and instance that wrote it, remembered by prefix. HOSTS_NONE beyond the bounds, and if
 * it isn't needed; PIPELINE_SOURCE_STALE if new_source has to tell. */
static inline uint16_t look_up_source(struct pipeline *p, const struct log_line *line)
{
    int prefix = line->header.prefix;

    if (prefix >= 0 && line->header.prefix_new)
        p->batch->source[prefix] = PIPELINE_SOURCE_STALE;
    if (line->kind != LOG_LINE_POSTFIX)
        return HOSTS_NONE;
    return prefix >= 0 ? p->batch->source[prefix] : PIPELINE_SOURCE_STALE;
}

static void apply(struct pipeline *p, const struct pending *pending)
{
    uint16_t host = hosts_host(pending->source);

    if (pending->now_s > p->hosts.host[host].ticked_s) {
        pipeline_go_on(p, host, pending->now_s);
        fleet_clock_see(p, host, pending->now_s);
    }
    p->judge.present_s = p->life.clock_s = pending->now_s;
    lifecycle_apply(&p->life, pending->source, &pending->line->record, pending->line->hash.text,
                    pending->at_s);
    pipeline_see(p, pending->line, pending->source);
}

void pipeline_flush(struct pipeline *p)
{
    struct pipeline_batch *batch = p->batch;

    /* A batch adds a few kilobytes at most. */
    if (tracker_is_over(&p->tracker))
        tracker_evict_for_bytes(&p->tracker);
    if (evict_is_over(&p->detector))
        evict_for_bytes(&p->detector);
    for (const struct pending *it = batch->pending; it < batch->pending + batch->count; it++) {
        tracker_prefetch_message(&p->tracker, it->hash);
        if (it->line->hash.text)
            lifecycle_prefetch(&p->life, it->source, &it->line->record, &it->line->hash);
    }
    for (unsigned i = 0; i < batch->count; i++) {
        if (i + AHEAD < batch->count) {
            const struct pending *later = &batch->pending[i + AHEAD];
            lifecycle_prefetch_more(&p->life, &later->line->record, later->hash);
        }
        apply(p, &batch->pending[i]);
    }
    batch->count = 0;
}

/* The host writes addresses in another form than the line before. */
static __attribute__((noinline)) void read_as_its_host(struct pipeline *p, struct log_line *line,
                                                       enum address_form form)
{
    log_line_read_as(line, form, p->options.seed);
    p->form = form; /* most likely the next line's too */
}

static __attribute__((noinline)) void take_version(struct pipeline *p, const struct record *rec,
                                                   uint16_t source)
{
    enum address_form shown = log_line_form_shown(rec, site_address_form(p->options.site));

    if (shown != ADDRESS_FORM_UNKNOWN)
        p->hosts.source[source].form = p->form = shown;
}

/* A record about a message waits until the batch is full. */
static inline void add_pending(struct pipeline *p, struct log_line *line, uint16_t source,
                               uint32_t at_s)
{
    struct pending *pending = &p->batch->pending[p->batch->count];
    const struct record *rec = &line->record;

    hosts_touch(&p->hosts, source, p->counters.lines);
    *pending = (struct pending){.line = line,
                                .at_s = at_s,
                                .now_s = p->hosts.host[hosts_host(source)].now_s,
                                .source = source};
    pending->hash = tracker_hash(&p->tracker, source, rec->id);
    tracker_prefetch_index(&p->tracker, pending->hash);
    if (line->hash.text)
        lifecycle_prefetch_slot(&p->life, source, rec, &line->hash);
    if (++p->batch->count == PIPELINE_BATCH || p->options.on_line)
        pipeline_flush(p);
}

/* The host's clock is what it is after this line. */
static __attribute__((noinline)) void take_record(struct pipeline *p, struct log_line *line,
                                                  uint16_t source, uint32_t at_s)
{
    struct record *rec = &line->record;

    host_clocks_see(p, hosts_host(source), at_s);
    if (line->form != p->hosts.source[source].form)
        read_as_its_host(p, line, p->hosts.source[source].form);
    pipeline_count_record(p, rec);
    if (trace_wants(p->options.trace, TRACE_RECORD))
        pipeline_trace_record(p, line);
    if (rec->refusal != REFUSAL_NONE)
        pipeline_take_refusal(p, rec);
    if (rec->type > RECORD_NOTE && rec->type != RECORD_VERSION) {
        add_pending(p, line, source, at_s);
        return;
    }
    if (rec->type == RECORD_VERSION)
        take_version(p, rec, source);
    pipeline_see(p, line, source);
}

/* A line of that time moves the host's clock, unless it is late or far ahead. */
static void see_time(struct pipeline *p, struct host *host, uint32_t at_s)
{
    if (at_s <= host->now_s)
        p->counters.late += at_s < host->now_s;
    else if (pipeline_is_far_ahead(host, at_s))
        p->counters.time_jumps++; /* it is applied, but moves no clock */
    else
        pipeline_move_host(p, host, at_s);
}

void pipeline_take_kept(struct pipeline *p, uint16_t number, bool is_true)
{
    struct log_line *line = &p->batch->again;
    uint16_t source;

    pipeline_flush(p);
    struct log_line_kept kept = kept_lines_take(&p->kept, &p->hosts, number);
    log_line_parse_kept(&kept, site_address_form(p->options.site), p->options.seed, line);
    if (line->kind == LOG_LINE_POSTFIX && (source = new_source(p, line)) != HOSTS_NONE) {
        struct host *host = &p->hosts.host[hosts_host(source)];
        uint32_t at_s = pipeline_event_time(host, kept.when);
        if (is_true && at_s > host->now_s)
            pipeline_move_host(p, host, at_s);
        see_time(p, host, at_s);
        take_record(p, line, source, at_s);
        pipeline_flush(p);
    }
    log_line_kept_done(&kept);
}

/* A line of that host has come, with that date. */
static void decide_kept(struct pipeline *p, uint16_t number, wall_us when)
{
    const struct host *host = &p->hosts.host[number];

    if (host->kept)
        pipeline_take_kept(p, number,
                           pipeline_confirms_kept(p, host, pipeline_event_time(host, when)));
}

/* A line waits at the place of the first one if those before it have been applied meanwhile. */
static struct log_line *move_to_front(struct pipeline *p, const struct log_line *line)
{
    p->batch->line[0] = *line;
    return &p->batch->line[0];
}

/* It moves its host's clock, or waits until the next line tells whether it may; or one waits. */
static __attribute__((noinline)) void take_at_new_time(struct pipeline *p, struct log_line *line,
                                                       uint16_t source)
{
    uint16_t number = hosts_host(source);

    if (p->hosts.host[number].kept) {
        decide_kept(p, number, line->header.when);
        line = move_to_front(p, line);
    }
    struct host *host = &p->hosts.host[number];
    uint32_t at_s = pipeline_event_time(host, line->header.when);
    if (pipeline_is_far_ahead(host, at_s) && kept_lines_put(&p->kept, &p->hosts, number, line))
        return;
    see_time(p, host, at_s);
    take_record(p, line, source, at_s);
}

static inline void take_postfix(struct pipeline *p, struct log_line *line, uint16_t source)
{
    const struct host *host = &p->hosts.host[hosts_host(source)];
    uint32_t at_s = pipeline_event_time(host, line->header.when);

    if (host->kept || at_s > host->now_s) {
        take_at_new_time(p, line, source);
        return;
    }
    p->counters.late += at_s < host->now_s;
    take_record(p, line, source, at_s);
}

/* Other programs' lines count, and tell what time it is. */
static __attribute__((noinline)) void take_other(struct pipeline *p, const struct log_line *line)
{
    if (p->kept.count && line->kind >= LOG_LINE_OTHER) {
        uint16_t host = hosts_find(&p->hosts, line->header.host);
        if (host != HOSTS_NONE)
            decide_kept(p, host, line->header.when);
    }
    pipeline_count_line(p, line->kind);
    pipeline_see(p, line, HOSTS_NONE);
}

static inline __attribute__((always_inline)) void take_from(struct pipeline *p,
                                                            struct log_line *line, uint16_t source)
{
    p->counters.lines++;
    if (source != HOSTS_NONE)
        take_postfix(p, line, source);
    else
        take_other(p, line);
}

static __attribute__((noinline)) void take_from_new_source(struct pipeline *p,
                                                           struct log_line *line)
{
    unsigned waited = p->batch->count;
    uint16_t source = new_source(p, line);

    if (p->batch->count < waited && line == &p->batch->line[waited])
        line = move_to_front(p, line);
    take_from(p, line, source);
}

void pipeline_take(struct pipeline *p, struct log_line *line)
{
    uint16_t source = line->kind >= LOG_LINE_OTHER ? look_up_source(p, line) : HOSTS_NONE;

    if (source == PIPELINE_SOURCE_STALE)
        take_from_new_source(p, line);
    else
        take_from(p, line, source);
}
