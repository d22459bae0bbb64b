/* SPDX-License-Identifier: MIT */
/* Evidence of an open relay, and the incidents it makes, in words. */
#ifndef RELAYWATCH_TESTS_GROUPING_HARNESS_H
#define RELAYWATCH_TESTS_GROUPING_HARNESS_H

#include "core_run.h"

static struct core_run run;
static int number;

__attribute__((unused)) static void begin(void)
{
    core_begin(&run, NULL);
    number = 0;
}

__attribute__((unused)) static void end(void)
{
    core_end(&run);
}

/* n messages of one client under one sender domain, to one recipient each. */
__attribute__((unused)) static void send(int n, const char *client, const char *domain)
{
    for (int i = 0; i < n; i++, number++)
        core_feed(&run,
                  "smtpd: A%07X: client=unknown[%s]\n"
                  "qmgr: A%07X: from=<a@%s>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: A%07X: to=<u%d@victim.example>, relay=none, delay=1, dsn=4.0.0, "
                  "status=deferred (x)",
                  number, client, number, domain, number, number);
}

__attribute__((unused)) static void scatter(int n)
{
    char client[32], domain[32];

    for (int i = 0; i < n; i++) {
        snprintf(client, sizeof(client), "100.%d.%d.1", i / 256, i % 256);
        snprintf(domain, sizeof(domain), "scattered%d.example", i);
        send(1, client, domain);
    }
}

/* "client 192.0.2.1 5, host mx1 20", in the order they were raised. */
static const char *incidents(char *buf)
{
    struct detector *d = &run.p->detector;
    const struct incident *list[64];
    uint32_t n = incidents_in_order(d, list);

    detector_group(&run.p->detector);
    n = incidents_in_order(d, list);
    buf[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        char key[VIEW_TEXT_MAX];
        incident_view_init(&view, d, list[i]);
        sprintf(buf + strlen(buf), "%s%s %llu", i ? ", " : "", incident_key(&view, key),
                (unsigned long long)view.totals.messages);
        incident_view_done(&view);
    }
    return buf;
}

#endif
