/* SPDX-License-Identifier: MIT */
/* A pipeline with settings and a site of its own, fed line by line as "PROGRAM: TEXT" at a time
 * that the test sets; the last verdict is kept. example.net is ours, customer.example a relay
 * domain, 10.0.0.0/8 trusted; 127.0.0.0/8 may use XFORWARD, 127.0.0.1:10024 is a content filter. */
#ifndef RELAYWATCH_TESTS_CORE_RUN_H
#define RELAYWATCH_TESTS_CORE_RUN_H

#include <stdio.h>

#include "report/incident.h"
#include "report/incident_json.h"
#include "engine/pipeline.h"
#include "rows.h"
#include "site/site_settings.h"

enum { CORE_BEGIN_S = 1795489200 }; /* 2026-11-24T03:00:00Z */

struct core_run {
    struct settings settings;
    struct site *site;
    struct pipeline *p;
    const char *host; /* of the next lines */
    uint32_t now_s;
    int32_t off_s; /* of the host's clock */
    int verdicts;  /* how many were heard, and the last one */
    enum verdict verdict;
    int kind;
    int events[INCIDENT_EVENT_COUNT];
    struct totals raised; /* what the last one counted when it was raised */
    struct queue_id last; /* of the last line that had one */
};

static inline void core_judged(void *ctx, const struct message *m, const struct recipient *r,
                               enum verdict verdict, int kind)
{
    struct core_run *run = ctx;

    (void)m;
    (void)r;
    run->verdicts++;
    run->verdict = verdict;
    run->kind = kind;
}

static inline void core_hear(void *ctx, enum incident_event event, const struct incident *incident,
                             uint32_t now_s)
{
    struct core_run *run = ctx;

    (void)now_s;
    run->events[event]++;
    if (event == INCIDENT_RAISED) {
        struct incident_view view;
        incident_view_init(&view, &run->p->detector, incident);
        run->raised = view.totals;
        incident_view_done(&view);
    }
}

/* more: further lines of [site]. */
static inline void core_begin_site(struct core_run *run, const char *ini, const char *more)
{
    static const char site[] = "\n[site]\nown_domains = example.net\n"
                               "relay_domains = customer.example\ntrusted_networks = 10.0.0.0/8\n";
    struct inifile_error err;
    char text[4096];
    struct address loopback;
    struct network net;

    *run = (struct core_run){.host = "mx1", .now_s = CORE_BEGIN_S, .site = site_new()};
    snprintf(text, sizeof(text), "%s%s%s", ini ? ini : "", site, more);
    ck_assert(settings_init(&run->settings));
    ck_assert_msg(settings_parse(&run->settings, span_str(text), &err), "settings: %s", err.text);
    ck_assert(site_apply_settings(run->site, &run->settings, &err));
    ck_assert(address_parse(SPAN("127.0.0.1"), &loopback));
    ck_assert(network_parse(SPAN("127.0.0.0/8"), &net));
    site_add_filter(run->site, &loopback, 10024);
    site_add_xforward(run->site, &net);
    struct pipeline_options options = {.settings = &run->settings,
                                       .site = run->site,
                                       .seed = 7,
                                       .on_verdict = core_judged,
                                       .on_verdict_ctx = run,
                                       .on_event = core_hear,
                                       .on_event_ctx = run};
    run->p = pipeline_new(&options);
    ck_assert_ptr_nonnull(run->p);
}

static inline void core_begin(struct core_run *run, const char *ini)
{
    core_begin_site(run, ini, "");
}

static inline void core_end(struct core_run *run)
{
    pipeline_free(run->p);
    site_free(run->site);
    settings_done(&run->settings);
}

/* Lines "PROGRAM: TEXT", one or more, at run->now_s, of run->host. */
__attribute__((format(printf, 2, 3))) static inline void core_feed(struct core_run *run,
                                                                   const char *format, ...)
{
    char text[16384], when[WHEN_TEXT_MAX], *rest = text, *line;
    struct span id;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    while ((line = strsep(&rest, "\n")) != NULL) {
        char whole[8192];
        size_t word = strcspn(line, ":");
        if (!*line)
            continue;
        int n = snprintf(whole, sizeof(whole), "%s %s postfix/%.*s[1]%s\n",
                         when_print((run->now_s + run->off_s) * US_PER_S, when), run->host,
                         (int)word, line, line + word);
        pipeline_clock(run->p, run->now_s * US_PER_S);
        pipeline_lines(run->p, whole, (size_t)n);
        id = span_str(line + word + 2);
        queue_id_parse(id, &run->last);
    }
}

static inline struct message *core_find(struct core_run *run, const char *id)
{
    struct queue_id parsed;

    ck_assert(queue_id_parse(span_str(id), &parsed) == strlen(id));
    return tracker_find(&run->p->tracker, 0, parsed);
}

/* The one incident there is. */
static inline const struct incident *core_incident(struct core_run *run)
{
    const struct incident *list[64];

    ck_assert(run->p->detector.incident_count <= 64);
    ck_assert_int_eq((int)incidents_in_order(&run->p->detector, list), 1);
    return list[0];
}

#endif
