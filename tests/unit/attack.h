/* SPDX-License-Identifier: MIT */
/* A pipeline with an attack in it, for tests of what shows incidents: so many messages of an open
 * relay, each to one recipient that is deferred, so that all stay in the queue. */
#ifndef RELAYWATCH_TESTS_ATTACK_H
#define RELAYWATCH_TESTS_ATTACK_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "report/incident.h"
#include "engine/pipeline.h"

struct attack {
    struct settings settings;
    struct site *site;
    struct pipeline *pipeline;
    uint32_t raised;
    const char *host; /* of the next lines */
};

static inline void attack_hear(void *ctx, enum incident_event event,
                               const struct incident *incident, uint32_t now_s)
{
    struct attack *attack = ctx;

    (void)incident;
    (void)now_s;
    attack->raised += event == INCIDENT_RAISED;
}

static inline void attack_init(struct attack *attack)
{
    memset(attack, 0, sizeof(*attack));
    attack->host = "mx1";
    ck_assert(settings_init(&attack->settings));
    attack->site = site_new();
    ck_assert_ptr_nonnull(attack->site);
    ck_assert(site_add_domain(attack->site, SPAN("ours.example"), CLASS_OURS, true));
    site_domains_configured(attack->site, true);
    site_networks_configured(attack->site);
    struct pipeline_options options = {.settings = &attack->settings,
                                       .site = attack->site,
                                       .on_event = attack_hear,
                                       .on_event_ctx = attack};
    attack->pipeline = pipeline_new(&options);
    ck_assert_ptr_nonnull(attack->pipeline);
}

static inline void attack_done(struct attack *attack)
{
    pipeline_free(attack->pipeline);
    site_free(attack->site);
    settings_done(&attack->settings);
}

__attribute__((format(printf, 2, 3))) static inline void attack_line(struct attack *attack,
                                                                     const char *format, ...)
{
    char line[4096];
    va_list args;

    size_t n =
        (size_t)snprintf(line, sizeof(line), "2026-11-24T03:47:12+00:00 %s postfix/", attack->host);
    va_start(args, format);
    n += (size_t)vsnprintf(line + n, sizeof(line) - n, format, args);
    va_end(args);
    line[n++] = '\n';
    pipeline_lines(attack->pipeline, line, n);
}

/* Message number n: queue ID ABC00000 + n, from client 192.0.`net`.`client` under that domain. */
static inline void attack_message_of(struct attack *attack, unsigned n, unsigned net,
                                     unsigned client, const char *domain)
{
    unsigned id = 0xABC00000u + n;

    attack_line(attack, "smtpd[1]: %X: client=unknown[192.0.%u.%u]", id, net, client);
    attack_line(attack, "cleanup[1]: %X: message-id=<%u@%s>", id, n, domain);
    attack_line(attack, "qmgr[1]: %X: from=<u%u@%s>, size=1, nrcpt=1 (queue active)", id, n,
                domain);
    attack_line(
        attack,
        "smtp[1]: %X: to=<v%u@big.example>, relay=mx.big.example[198.51.100.1]:25, delay=1, "
        "delays=0/0/0/1, dsn=4.0.0, status=deferred (host said: 450 4.0.0 later)",
        id, n);
}

/* From client 192.0.2.`client`. */
static inline void attack_message(struct attack *attack, unsigned n, unsigned client)
{
    char domain[32];

    snprintf(domain, sizeof(domain), "spam%u.example", client);
    attack_message_of(attack, n, 2, client, domain);
}

static inline void attack_messages(struct attack *attack, unsigned count, unsigned client)
{
    for (unsigned i = 0; i < count; i++)
        attack_message(attack, i + 1000000 * client, client);
    detector_group(&attack->pipeline->detector);
}

/* The view of incident i; the caller calls incident_view_done. */
static inline void attack_view(struct attack *attack, uint32_t i, struct incident_view *view)
{
    const struct incident *list[16];
    struct detector *d = &attack->pipeline->detector;

    ck_assert_uint_le(d->incident_count, 16);
    ck_assert_uint_gt(incidents_in_order(d, list), i);
    incident_view_init(view, d, list[i]);
}

#endif
