/* SPDX-License-Identifier: MIT */
/* A pipeline whose events, counters and incidents are kept as text, for the tests of what has to
 * survive a restart. */
#ifndef RELAYWATCH_TESTS_PIPELINE_RUN_H
#define RELAYWATCH_TESTS_PIPELINE_RUN_H

#include <stdio.h>

#include "report/incident.h"
#include "report/incident_json.h"
#include "report/incident_line.h"
#include "engine/pipeline.h"
#include "rows.h"
#include "site/postconf.h"
#include "site/postconf_apply.h"
#include "site/site_settings.h"
#include "engine/snapshot.h"
#include "engine/counters.h"
#include "whole_file.h"

/* 2026-11-24: what the corpora's dates without a year are near to. */
#define RUN_REFERENCE (1795492029 * US_PER_S)

struct run {
    struct settings *settings; /* borrowed */
    struct site *site;
    struct pipeline *p;
    FILE *events_file;
    char *events;
    size_t events_len;
};

static inline void run_hear(void *ctx, enum incident_event event, const struct incident *incident,
                            uint32_t now_s)
{
    struct run *run = ctx;
    struct incident_view view;

    if (!run->p)
        return;
    incident_view_init(&view, &run->p->detector, incident);
    char *line = incident_line(&view, event);
    fprintf(run->events_file, "%u %s\n", now_s, line ? line : "");
    free(line);
    incident_view_done(&view);
}

static inline struct pipeline_options run_options(struct run *run, uint64_t seed)
{
    return (struct pipeline_options){.settings = run->settings,
                                     .site = run->site,
                                     .seed = seed,
                                     .on_event = run_hear,
                                     .on_event_ctx = run};
}

/* Without tables: those of the machine that runs the test must not matter. */
static inline void run_read_dump(struct run *run, const char *path)
{
    char *text = whole_file(path);
    struct postconf *postconf = postconf_parse(span_str(text));

    ck_assert_ptr_nonnull(postconf);
    ck_assert(postconf_apply(postconf, run->site, NULL, NULL));
    postconf_free(postconf);
    free(text);
}

/* dump: a postconf output, or NULL for the settings' own word. No pipeline yet. */
static inline void run_prepare(struct run *run, struct settings *settings, const char *dump)
{
    struct inifile_error err;

    *run = (struct run){.settings = settings, .site = site_new()};
    ck_assert_ptr_nonnull(run->site);
    if (dump)
        run_read_dump(run, dump);
    ck_assert(site_apply_settings(run->site, settings, &err));
    run->events_file = open_memstream(&run->events, &run->events_len);
    ck_assert_ptr_nonnull(run->events_file);
}

static inline void run_begin(struct run *run, struct settings *settings, const char *dump)
{
    run_prepare(run, settings, dump);
    struct pipeline_options options = run_options(run, 0x5eed);
    run->p = pipeline_new(&options);
    ck_assert_ptr_nonnull(run->p);
    pipeline_set_reference(run->p, RUN_REFERENCE);
}

/* From a snapshot; false, with nothing but the site left, where it is refused. */
static inline bool run_resume(struct run *run, struct settings *settings, const char *dump,
                              struct span bytes, char *why)
{
    run_prepare(run, settings, dump);
    struct pipeline_options options = run_options(run, 0x0ddb); /* the snapshot's own counts */
    run->p = snapshot_read(bytes, &options, why);
    return run->p != NULL;
}

static inline void run_end(struct run *run)
{
    pipeline_free(run->p);
    site_free(run->site);
    if (run->events_file)
        fclose(run->events_file);
    free(run->events);
    *run = (struct run){0};
}

static inline struct span run_events(struct run *run)
{
    fflush(run->events_file);
    return span_of(run->events, run->events_len);
}

static inline void run_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)sentence;
    fprintf(ctx, "%s %llu\n", name, (unsigned long long)value);
}

/* Ends the log; all counters, verdicts, and every incident's JSON. For free(). */
static inline char *run_outcome(struct run *run)
{
    struct detector *d = &run->p->detector;
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(out);
    pipeline_finish(run->p); /* may raise some more */
    const struct incident **list = calloc(d->incident_count + 1, sizeof(*list));
    ck_assert_ptr_nonnull(list);
    pipeline_each_counter(run->p, run_counter, out);
    for (int i = 0; i < VERDICT_COUNT; i++)
        fprintf(out, "%s %llu\n", verdict_text((enum verdict)i),
                (unsigned long long)run->p->judge.verdicts[i]);
    for (uint32_t i = 0, n = incidents_in_order(d, list); i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, d, list[i]);
        json_t *json = incident_json(&view);
        ck_assert_ptr_nonnull(json);
        json_dumpf(json, out, JSON_COMPACT);
        fputc('\n', out);
        json_decref(json);
        incident_view_done(&view);
    }
    free(list);
    fclose(out);
    return text;
}

/* `count` messages by ten accounts, each deferred and so still in the queue. */
static inline void run_messages(struct run *run, unsigned first, unsigned count)
{
    char text[1024];

    for (unsigned i = first; i < first + count; i++) {
        unsigned s = i / 1000;
        char date[32];
        snprintf(date, sizeof(date), "Nov 24 %02u:%02u:%02u mx1", s / 3600 % 24, s / 60 % 60,
                 s % 60);
        int n = snprintf(
            text, sizeof(text),
            "%s postfix/smtpd[7]: 4%09XA: client=c%u.example.net[10.%u.%u.%u], sasl_method=PLAIN,"
            " sasl_username=user%u\n"
            "%s postfix/cleanup[8]: 4%09XA: message-id=<%u@c.example.net>\n"
            "%s postfix/qmgr[9]: 4%09XA: from=<sender%u@example.org>, size=900, nrcpt=1"
            " (queue active)\n"
            "%s postfix/smtp[10]: 4%09XA: to=<someone%u@d%u.example.com>,"
            " relay=mx.example.com[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=4.0.0,"
            " status=deferred (not now)\n",
            date, i, i % 65536, i >> 16 & 255, i >> 8 & 255, i & 255, i % 10, date, i, i, date, i,
            i, date, i, i, i % 50);
        pipeline_lines(run->p, text, (size_t)n);
    }
}

struct bytes {
    char *at;
    size_t len, room;
};

static inline int bytes_put(void *ctx, const void *data, size_t len)
{
    struct bytes *bytes = ctx;

    while (bytes->len + len > bytes->room) {
        bytes->room = bytes->room ? 2 * bytes->room : 4096;
        bytes->at = realloc(bytes->at, bytes->room);
        ck_assert_ptr_nonnull(bytes->at);
    }
    if (len)
        memcpy(bytes->at + bytes->len, data, len);
    bytes->len += len;
    return 0;
}

static inline struct bytes run_snapshot(const struct run *run)
{
    struct bytes bytes = {0};

    ck_assert_int_eq(snapshot_write(run->p, bytes_put, &bytes), 0);
    return bytes;
}

#endif
