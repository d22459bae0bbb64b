/* SPDX-License-Identifier: MIT */
#include "control/query_status.h"

#include <inttypes.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/subprocess.h"
#include "control/protocol.h"
#include "control/query_open.h"
#include "report/text_json.h"
#include "show/print.h"
#include "alert/sink_counters.h"
#include "detect/evict.h"
#include "engine/counters.h"
#include "engine/host_heard.h"

enum { MINUTES = 60, HOSTS_PER_STEP = 100 };

/* Resident memory: the second figure of /proc/self/statm, in pages. */
static uint64_t memory_kib(void)
{
    struct buf text = {0};
    uint64_t all, pages = 0;

    if (subprocess_read_file("/proc/self/statm", true, 256, &text) < 0)
        return 0;
    struct span s = buf_span(&text);
    if (!span_take_number(&s, &all) || !span_take(&s, SPAN(" ")) || !span_take_number(&s, &pages))
        pages = 0;
    buf_done(&text);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* What is read, how far, and what happened on the way. */
static json_t *source_status(const struct runtime *runtime)
{
    json_t *object = json_object(), *notes = json_object();
    const uint64_t *counters = runtime->source ? source_counters(runtime->source) : NULL;

    query_text(object, "text", runtime->source_text);
    query_text(object, "why", runtime->source_why);
    /* Enough for a client to read the lines itself. */
    const struct settings *settings = &runtime->setup->settings;
    if (runtime->source_files) {
        query_text(object, "files", runtime->source_files);
        query_text(object, "rotated", settings->source.rotated);
    } else if (runtime->source_is_kafka) {
        query_text(object, "kafka_socket", settings->source.kafka_socket);
        query_text(object, "kafka_brokers", settings->source.kafka_brokers);
    } else if (runtime->source) {
        query_text(object, "journal_directory", settings->source.journal_directory);
        query_text(object, "journal_namespace", settings->source.journal_namespace);
        json_object_set_new(object, "journal_check_sender",
                            json_boolean(settings->source.journal_check_sender));
    }
    json_object_set_new(object, "read_at", query_time(runtime->read_at));
    json_object_set_new(object, "catching_up", json_boolean(runtime->catching_up));
    query_count(object, "bytes_behind", runtime->source ? source_behind(runtime->source) : 0);
    for (int note = 0; counters && note < SOURCE_NOTE_COUNT; note++)
        if (counters[note])
            query_count(notes, source_note_name((enum source_note)note), counters[note]);
    json_object_set_new(object, "notes", notes);
    return object;
}

static json_t *lines_status(const struct runtime *runtime)
{
    const struct pipeline_counters *c = &runtime->pipeline->counters;
    json_t *object = json_object();
    uint64_t hour = 0;

    for (int i = 0; i < MINUTES; i++)
        hour += runtime->lines_per_minute[i];
    query_count(object, "read", c->lines);
    query_count(object, "postfix", c->postfix);
    query_count(object, "unparsed", c->unparsed);
    query_count(object, "ambiguous", c->ambiguous);
    query_count(object, "refused_sender", c->refused_sender);
    query_count(object, "last_minute", runtime_lines_last_minute(runtime));
    query_count(object, "last_hour", hour);
    return object;
}

static json_t *messages_status(const struct pipeline *p)
{
    json_t *object = json_object();

    query_count(object, "seen", pipeline_messages(p));
    query_count(object, "in_flight", tracker_in_flight(&p->tracker));
    query_count(object, "waiting", tracker_count_waiting(&p->tracker));
    query_count(object, "finished", tracker_count_finished(&p->tracker));
    query_count(object, "unattributed", p->life.counters.unattributed);
    return object;
}

static void add_limit(json_t *list, const char *name, uint64_t used, uint64_t max, uint64_t evicted)
{
    json_t *object = json_object();

    query_text(object, "name", name);
    query_count(object, "used", used);
    query_count(object, "max", max);
    query_count(object, "given_up", evicted);
    json_array_append_new(list, object);
}

static json_t *limits_status(const struct runtime *runtime)
{
    const struct settings *settings = &runtime->setup->settings;
    const struct pipeline *p = runtime->pipeline;
    const struct detector *d = &p->detector;
    json_t *list = json_array();

    add_limit(list, "messages", p->tracker.count, settings->limits.messages,
              p->tracker.counters.evicted);
    add_limit(list, "cells", detector_cells(d), d->cell_max, d->counters.cells_evicted);
    add_limit(list, "incidents", detector_incidents(d), settings->limits.incidents,
              d->counters.incidents_evicted);
    add_limit(list, "hosts", p->hosts.host_count, settings->limits.hosts,
              p->hosts.evicted + p->hosts.refused);
    add_limit(list, "mebibytes", (p->texts.bytes + evict_bytes(d)) >> 20, settings->limits.memory,
              p->tracker.counters.evicted_for_bytes);
    add_limit(list, "texts", p->texts.used, p->texts.max, p->texts.refused);
    return list;
}

/* Open ones by kind; every kind is there, so that a rule never lacks its series. */
static json_t *kinds_status(const struct detector *d)
{
    uint64_t open[KIND_COUNT] = {0};
    json_t *object = json_object();

    for (const struct incident *i = NULL; (i = detector_next_incident(d, i));)
        open[i->kind] += i->state == INCIDENT_OPEN && !i->closed_s;
    for (int kind = 0; kind < KIND_COUNT; kind++)
        query_count(object, kind_name((enum kind)kind), open[kind]);
    return object;
}

static json_t *host_status(const struct pipeline *p, const struct host_seen *seen)
{
    json_t *object = json_object();

    json_object_set_new(object, "host", text_json(intern_span(p->hosts.host[seen->host].name)));
    json_object_set_new(object, "last_line", query_time(seen->line_s * US_PER_S));
    query_count(object, "quiet_s", seen->quiet_s);
    json_object_set_new(object, "silent", json_boolean(seen->silent));
    json_object_set_new(object, "silent_after_s",
                        seen->after_s ? json_integer(seen->after_s) : json_null());
    query_count(object, "longest_pause_s", seen->pause_s);
    json_object_set_new(object, "late_s",
                        seen->is_timed ? json_integer(seen->late_s) : json_null());
    json_object_set_new(object, "clock_ahead_s",
                        seen->is_timed ? json_integer(seen->ahead_s) : json_null());
    return object;
}

/* Those that are worth a look, and how many there are in all. */
static json_t *hosts_status(const struct runtime *runtime)
{
    json_t *object = json_object(), *list = json_array();
    const struct pipeline *p = runtime->pipeline;
    struct hosts_seen all;

    hosts_seen_sum(p, clock_mono(), runtime->now, &all);
    query_count(object, "count", all.count);
    query_count(object, "silent", all.silent);
    query_count(object, "late", all.late);
    query_count(object, "clock_ahead", all.ahead);
    query_count(object, "well", all.well);
    for (uint32_t i = 0; i < all.shown; i++)
        json_array_append_new(list, host_status(p, &all.host[i]));
    json_object_set_new(object, "list", list);
    return object;
}

static json_t *incidents_status(const struct detector *d)
{
    json_t *object = json_object();

    query_count(object, "open", detector_open(d));
    query_count(object, "closed", detector_closed(d));
    query_count(object, "ended", detector_incidents(d) - detector_open(d) - detector_closed(d));
    return object;
}

/* null: everything was judged by what is known of the site now. */
static json_t *again_status(const struct judging_again *again)
{
    if (!again->due)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "since", query_time(again->since));
    json_object_set_new(object, "up_to", query_time(again->up_to));
    return object;
}

static json_t *blind_status(const struct blindness *blindness)
{
    json_t *list = json_array();
    char text[BLIND_TEXT_MAX];

    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++) {
        const struct blind *blind = &blindness->blind[cause];
        if (!blind->count)
            continue;
        json_t *object = json_object();
        query_text(object, "cause", blind_cause_name((enum blind_cause)cause));
        json_object_set_new(object, "what", text_json(span_str(blind->what)));
        json_object_set_new(object, "why", text_json(span_str(blind->why)));
        query_count(object, "count", blind->count);
        json_object_set_new(object, "since", query_time(blind->since));
        blind_text(blindness, (enum blind_cause)cause, text);
        json_object_set_new(object, "text", text_json(span_str(text)));
        json_array_append_new(list, object);
    }
    return list;
}

/* Blindness is a warning like the others, and the first. */
static json_t *warnings_status(const struct site *site, const struct blindness *blindness)
{
    json_t *list = json_array();

    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++) {
        struct site_warning warning = {.code = "blind"};
        blind_text(blindness, (enum blind_cause)cause, warning.text);
        if (blindness->blind[cause].count)
            json_array_append_new(list, warning_to_json(&warning));
    }
    for (size_t i = 0; site && i < site_warning_count(site); i++)
        if (!site_warning(site, i)->over)
            json_array_append_new(list, warning_to_json(site_warning(site, i)));
    return list;
}

/* The member names are an interface: clients of other versions read them. */
static json_t *status_json(const struct runtime *runtime)
{
    json_t *object = json_object(), *state = json_object(), *alerts = json_object();

    query_text(object, "type", "status");
    query_count(object, "v", CONTROL_VERSION);
    query_text(object, "version", RELAYWATCH_VERSION);
    query_count(object, "pid", (uint64_t)getpid());
    json_object_set_new(object, "now", query_time(runtime->now));
    json_object_set_new(object, "started", query_time(runtime->started));
    query_count(object, "uptime_s", (uint64_t)((runtime->now - runtime->started) / US_PER_S));
    query_count(object, "memory_kib", memory_kib());
    json_object_set_new(object, "blind", blind_status(&runtime->blindness));
    json_object_set_new(object, "source", source_status(runtime));
    json_object_set_new(object, "settings_refused", query_time(runtime->settings_refused));
    json_object_set_new(object, "judging_again", again_status(&runtime->again));
    json_object_set_new(object, "lines", lines_status(runtime));
    json_object_set_new(object, "hosts", hosts_status(runtime));
    json_object_set_new(object, "messages", messages_status(runtime->pipeline));
    json_object_set_new(object, "incidents", incidents_status(&runtime->pipeline->detector));
    json_object_set_new(object, "open_by_kind", kinds_status(&runtime->pipeline->detector));
    json_object_set_new(object, "limits", limits_status(runtime));
    query_text(state, "text", runtime->state_text);
    query_count(state, "saves", runtime->saves);
    query_count(state, "failures", runtime->save_failures);
    json_object_set_new(object, "state", state);
    if (runtime->alerts) {
        query_count(alerts, "sent", runtime->alerts->sent);
        query_count(alerts, "dropped",
                    runtime->alerts->dropped + runtime->alerts->failed +
                        runtime->alerts->commands_dropped + runtime->alerts->commands_failed);
    }
    json_object_set_new(object, "alerts", alerts);
    json_object_set_new(object, "warnings",
                        warnings_status(runtime->setup->site, &runtime->blindness));
    return object;
}

/* Every host, some per step, in the order in which the log named them. */
static enum query_step next_hosts(struct query *query, struct evbuffer *out)
{
    const struct pipeline *p = query->runtime->pipeline;
    wall_us now = clock_mono();

    for (int i = 0; i < HOSTS_PER_STEP && query->at < p->hosts.host_count; i++, query->at++) {
        uint16_t host = (uint16_t)query->at;
        if (!host_is_heard(p, host, now))
            continue;
        const struct host_seen seen = host_seen_of(p, host, now, query->runtime->now);
        json_t *object = host_status(p, &seen);
        query_text(object, "type", "host");
        query_object(out, object);
    }
    if (query->at < p->hosts.host_count)
        return QUERY_MORE;
    query->at = 0;
    return query_open(query);
}

enum query_step query_status(struct query *query, struct evbuffer *out)
{
    query_object(out, status_json(query->runtime));
    if (!query_flag(query, "hosts"))
        return query_open(query);
    query->step = next_hosts;
    return QUERY_MORE;
}

/* --- counters --------------------------------------------------------------------------------- */

static void add_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    json_t *object = json_object();

    query_text(object, "type", "counter");
    query_text(object, "name", name);
    query_count(object, "value", value);
    query_text(object, "sentence", sentence);
    query_object(ctx, object);
}

enum query_step query_counters(struct query *query, struct evbuffer *out)
{
    runtime_each_counter(query->runtime, add_counter, out);
    return QUERY_END;
}
