/* SPDX-License-Identifier: MIT */
/*
 * The parts, in order: head, texts, hosts, the pipeline's own state, detector, tracker, messages at
 * filters, what the log taught about the site, an end mark.
 */
#include "engine/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "detect/host_scopes.h"
#include "engine/second_reading.h"
#include "engine/snapshot_detector.h"
#include "engine/snapshot_life.h"
#include "engine/snapshot_site.h"
#include "engine/snapshot_texts.h"
#include "engine/snapshot_tracker.h"
#include "track/tracker_lists.h"

static const char magic[8] = {'R', 'W', 'S', 'N', 'A', 'P', '\r', '\n'};

/* HOSTS_MAX: the largest [limits] hosts. */
enum { END_MARK = 0x444e4521, HOSTS_MAX = 4096, DAY_S = 86400 };

/* The meaning of the numbers in a snapshot depends on these. A snapshot with other values is of
 * another version. */
static const uint32_t shape[] = {
    KIND_COUNT,
    CAUSE_COUNT,
    ORIGIN_COUNT,
    CLASS_COUNT,
    STATUS_COUNT,
    MESSAGE_STATE_COUNT,
    VERDICT_COUNT,
    KEY_COUNT,
    LEVELS_MAX,
    MEASURES,
    KEY_MEASURES,
    CROSSED_COUNT,
    SAMPLES_MAX,
    NARROWER_MAX,
    WINDOW_BUCKETS,
    CHUNK,
    HOSTS_INSTANCES_MAX,
    TALLY_CLIENTS_MAX,
    IDS_BYTES,
    LINK_ENTRIES,
    PROXIED_MAX,
    GATEWAYS_MAX,
    ANSWERS_MAX,
    REFUSED_MAX,
    GATEWAY_HOPS,
    PROOF_COUNT,
    INCIDENT_ID_MAX,
    sizeof(struct pipeline_counters),
    sizeof(struct lifecycle_counters),
    sizeof(struct tracker_counters),
    sizeof(struct detector_counters),
};
enum { SHAPES = sizeof(shape) / sizeof(*shape) };

/* A snapshot contains hashes. With another hash function or byte order nothing in it would be found
 * again, so the head has the hash of known texts. */
static uint64_t hash_probe(uint64_t seed)
{
    return hash_mix(hash_bytes(SPAN("mx1 postfix/qmgr"), seed),
                    hash_nocase(SPAN("A.Example"), seed));
}

static void write_head(struct writer *w, const struct pipeline *p)
{
    write_bytes(w, magic, sizeof(magic));
    write_u32(w, SNAPSHOT_VERSION);
    for (size_t i = 0; i < SHAPES; i++)
        write_u32(w, shape[i]);
    write_u64(w, p->tracker.seed);
    write_u64(w, hash_probe(p->tracker.seed));
}

static bool read_head(struct reader *r, uint64_t *ret_seed)
{
    const char *at = read_bytes(r, sizeof(magic));

    if (!at || memcmp(at, magic, sizeof(magic)) != 0)
        return read_fail(r, "it is not a snapshot");
    if (read_u32(r) != SNAPSHOT_VERSION)
        return read_fail(r, "it is from another version");
    for (size_t i = 0; i < SHAPES; i++)
        if (read_u32(r) != shape[i])
            return read_fail(r, "it is from another version");
    *ret_seed = read_u64(r);
    if (read_u64(r) != hash_probe(*ret_seed))
        return read_fail(r, "it is from another version or another kind of machine");
    return !r->failed;
}

/* Refuses times so large that sums could overflow. */
static wall_us read_time(struct reader *r)
{
    const wall_us far = (wall_us)4 << 56;
    wall_us when = (wall_us)read_u64(r);

    if (when != WHEN_UNKNOWN && (when > far || when < -far))
        read_fail(r, "it holds an impossible time");
    return r->failed ? 0 : when;
}

/* --- hosts ------------------------------------------------------------------------------------ */

static void write_heard(struct writer *w, const struct host_heard *heard, wall_us clock)
{
    write_u64(w, (uint64_t)(clock - heard->at));
    write_u32(w, heard->line_s);
    write_u32(w, heard->since_s);
    write_u32(w, heard->pause_s);
    write_u32(w, heard->pause_before_s);
    write_u32(w, heard->period_s);
    write_u8(w, heard->silent);
}

/* As of a clock that is yet to be told. */
static wall_us read_ago(struct reader *r)
{
    wall_us ago = read_time(r);

    return ago == WHEN_UNKNOWN ? 0 : -ago;
}

static void read_heard(struct reader *r, struct host_heard *heard)
{
    heard->at = read_ago(r);
    heard->line_s = read_u32(r);
    heard->since_s = read_u32(r);
    heard->pause_s = read_u32(r);
    heard->pause_before_s = read_u32(r);
    heard->period_s = read_u32(r);
    heard->silent = read_u8(r) != 0;
}

static void write_hosts(struct writer *w, const struct hosts *hosts, wall_us clock)
{
    write_u64(w, hosts->refused);
    write_u64(w, hosts->evicted);
    write_u64(w, hosts->instances_over);
    write_u64(w, hosts->changes);
    write_u32(w, hosts->host_count);
    for (uint16_t i = 0; i < hosts->host_count; i++) {
        write_text(w, hosts->host[i].name);
        write_u32(w, hosts->host[i].last_s);
        write_u64(w, (uint64_t)(clock - hosts->host[i].moved_at));
        write_u64(w, hosts->host[i].number);
        write_u32(w, hosts->host[i].now_s);
        write_u32(w, hosts->host[i].ticked_s);
        write_u32(w, hosts->host[i].doubtful);
        write_heard(w, &hosts->heard[i], clock);
        write_u8(w, hosts->host[i].source_count);
        write_u8(w, hosts->host[i].fronts);
        for (uint16_t k = 0; k < hosts->host[i].source_count; k++) {
            const struct host_source *source = &hosts->source[i * HOSTS_INSTANCES_MAX + k];
            write_text(w, source->instance);
            write_u32(w, source->last_s);
            write_u8(w, source->form);
            write_u8(w, source->is_queue);
        }
    }
}

static void read_host(struct reader *r, struct hosts *hosts, uint16_t i)
{
    struct host *host = &hosts->host[i];

    host->name = read_text(r);
    host->last_s = read_u32(r);
    host->moved_at = read_ago(r);
    host->number = read_u64(r);
    host->now_s = read_u32(r);
    host->ticked_s = read_u32(r);
    host->doubtful = read_u32(r);
    read_heard(r, &hosts->heard[i]);
    host->source_count = (uint8_t)read_below(r, read_u8(r), HOSTS_INSTANCES_MAX + 1,
                                             "a host has too many instances");
    host->fronts =
        (uint8_t)read_below(r, read_u8(r), HOST_TELLS_IDS * 2, "a host has unknown fronts");
    if (!host->name || !host->source_count)
        read_fail(r, "a host has no name");
    for (uint16_t k = 0; k < host->source_count && !r->failed; k++) {
        struct host_source *source = &hosts->source[i * HOSTS_INSTANCES_MAX + k];
        source->instance = read_text(r);
        source->last_s = read_u32(r);
        source->form = (uint8_t)read_below(r, read_u8(r), ADDRESS_FORM_INTERNAL + 1,
                                           "an instance has an unknown address form");
        source->is_queue = read_u8(r) != 0;
        if ((k == 0) != (source->instance == NULL))
            read_fail(r, "an instance has no name");
    }
}

/* host_count and source_count move with the reading, so that hosts_done releases what was read. */
static bool read_hosts(struct reader *r, struct pipeline *p)
{
    struct hosts *hosts = &p->hosts;
    uint64_t refused = read_u64(r), evicted = read_u64(r);
    uint64_t instances_over = read_u64(r), changes = read_u64(r);
    uint32_t host_count = read_below(r, read_u32(r), HOSTS_MAX + 1, "it has too many hosts");

    if (r->failed)
        return false;
    /* More than the settings allow now: known hosts stay. */
    if (!hosts_reserve(hosts, (uint16_t)host_count) ||
        !host_scopes_reserve(&p->detector, (uint16_t)host_count))
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    hosts->refused = refused;
    hosts->evicted = evicted;
    hosts->instances_over = instances_over;
    hosts->changes = changes;
    for (uint32_t i = 0; i < host_count && !r->failed; i++) {
        hosts->host_count++;
        read_host(r, hosts, (uint16_t)i);
        if (!r->failed && !hosts_index(hosts, (uint16_t)i))
            return read_fail(r, "a host occurs twice");
    }
    return !r->failed;
}

/* --- the pipeline's own ----------------------------------------------------------------------- */

/* The parser's cache of the last date is part of it: dates without a year depend on order. */
static void write_clock(struct writer *w, const struct syslog_clock *clock)
{
    write_u64(w, (uint64_t)clock->reference);
    write_u64(w, (uint64_t)clock->last);
    write_u8(w, clock->stamp_len);
    write_bytes(w, clock->stamp, sizeof(clock->stamp));
    write_u64(w, (uint64_t)clock->seconds);
    write_u64(w, (uint64_t)clock->quarter);
    write_u32(w, (uint32_t)clock->east);
}

static void read_clock(struct reader *r, struct syslog_clock *clock)
{
    const char *stamp;

    syslog_clock_set_reference(clock, read_time(r));
    clock->last = read_time(r);
    clock->stamp_len =
        (uint8_t)read_below(r, read_u8(r), sizeof(clock->stamp) + 1, "a date is too long");
    stamp = read_bytes(r, sizeof(clock->stamp));
    if (stamp)
        memcpy(clock->stamp, stamp, sizeof(clock->stamp));
    clock->seconds = read_time(r);
    clock->quarter = (int64_t)read_u64(r);
    clock->east = (int)read_u32(r);
    if (clock->east > DAY_S || clock->east < -DAY_S || clock->reference == WHEN_UNKNOWN ||
        clock->seconds == WHEN_UNKNOWN)
        read_fail(r, "it holds an impossible time");
}

/* The lines held back until the host's next one shows whether their time is right. */
static void write_kept(struct writer *w, const struct kept_lines *kept)
{
    write_u16(w, kept->count);
    for (uint16_t i = 0; i < kept->count; i++) {
        const struct log_line_kept *line = &kept->item[i].line;
        write_u16(w, kept->item[i].host);
        write_u64(w, (uint64_t)line->when);
        write_u32(w, line->pid);
        write_span(w, line->host);
        write_span(w, line->tag);
        write_span(w, line->text);
        write_span(w, line->whole);
    }
}

static bool read_kept(struct reader *r, struct pipeline *p)
{
    for (uint16_t count = read_u16(r); count && !r->failed; count--) {
        uint16_t host = (uint16_t)read_below(r, read_u16(r), p->hosts.host_count,
                                             "a line is of a host that does not exist");
        struct log_line line = {.header.when = (wall_us)read_u64(r)};
        line.header.pid = read_u32(r);
        line.header.host = read_span(r);
        line.header.tag = read_span(r);
        line.header.text = read_span(r);
        line.text = read_span(r);
        if (r->failed || p->hosts.host[host].kept)
            return read_fail(r, "a host has two lines that are held back");
        if (!kept_lines_put(&p->kept, &p->hosts, host, &line))
            return read_fail(r, SNAPSHOT_NO_MEMORY);
    }
    return !r->failed;
}

/* Options, listeners and the batch are not state: the batch is empty between two calls. */
static void write_own(struct writer *w, const struct pipeline *p)
{
    write_clock(w, &p->parser->clock);
    write_numbers(w, (const uint64_t *)&p->counters, sizeof(p->counters));
    write_numbers(w, p->judge.verdicts, sizeof(p->judge.verdicts));
    write_u32(w, p->now_s);
    write_u32(w, p->began_s);
    write_u64(w, second_reading_is_due(p) ? 0 : p->judged_by_site);
    write_kept(w, &p->kept);
}

static bool read_own(struct reader *r, struct pipeline *p)
{
    read_clock(r, &p->parser->clock);
    read_numbers(r, (uint64_t *)&p->counters, sizeof(p->counters));
    read_numbers(r, p->judge.verdicts, sizeof(p->judge.verdicts));
    p->now_s = read_u32(r);
    p->began_s = read_u32(r);
    if (read_u64(r) != p->judged_by_site) /* by the settings that hold now */
        p->judge.reread |= REREAD_SETTINGS;
    return !r->failed && read_kept(r, p);
}

/* --- all of it -------------------------------------------------------------------------------- */

int snapshot_write(const struct pipeline *p, snapshot_put *put, void *ctx)
{
    struct writer *w = malloc(sizeof(*w));
    int error = -ENOMEM;

    assert(!p->busy);
    if (!w)
        return error;
    memset(w, 0, offsetof(struct writer, buffer));
    w->put = put;
    w->ctx = ctx;
    if (number_texts(w, &p->texts)) {
        write_head(w, p);
        write_texts(w);
        write_hosts(w, &p->hosts, p->clock);
        write_own(w, p);
        write_detector(w, &p->detector);
        write_tracker(w, &p->tracker);
        write_life(w, &p->life);
        write_site(w, p->options.site);
        write_u32(w, END_MARK);
        write_out(w);
        error = w->error;
    }
    free(w->taken);
    free(w->before);
    free(w);
    return error;
}

/* Applies the bounds of the present settings. */
static void fit(struct pipeline *p, uint32_t texts_max)
{
    p->texts.max = texts_max;
    tracker_fit(&p->tracker);
    detector_fit(&p->detector);
}

/* In the order of snapshot_write. */
static bool read_parts(struct reader *r, struct pipeline *p)
{
    uint32_t texts_max = p->texts.max;

    r->p = p;
    if (!read_texts(r, &p->texts) || !read_hosts(r, p) || !read_own(r, p) ||
        !read_detector(r, &p->detector) || !read_tracker(r, &p->tracker) ||
        !read_life(r, &p->life) || !read_site(r, p->options.site, &p->hosts, END_MARK))
        return false;
    drop_texts(r, &p->texts);
    fit(p, texts_max);
    return true;
}

struct pipeline *snapshot_read(struct span bytes, const struct pipeline_options *options, char *why)
{
    struct pipeline_options seeded = *options;
    struct reader r = {.rest = bytes, .why = why};
    struct pipeline *p = NULL;

    *why = '\0';
    if (!read_head(&r, &seeded.seed))
        return NULL;
    p = pipeline_new(&seeded);
    if (!p)
        read_fail(&r, SNAPSHOT_NO_MEMORY);
    if (p && !read_parts(&r, p)) {
        pipeline_free(p);
        p = NULL;
    }
    free(r.texts);
    return p;
}
