/* SPDX-License-Identifier: MIT */
/* A detector inside a pipeline, and evidence made by hand, for the tests of its parts. */
#ifndef RELAYWATCH_TESTS_DETECTOR_RUN_H
#define RELAYWATCH_TESTS_DETECTOR_RUN_H

#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

__attribute__((unused)) static void again(const char *ini)
{
    core_end(&run);
    core_begin(&run, ini);
    core_feed(&run, "qmgr: AAAAA01: removed"); /* host 0 is mx1 */
}

__attribute__((unused)) static struct observation relayed(int client, int domain, uint32_t at_s)
{
    static char ring[4][64];
    static int next;
    char *c = ring[next++ % 4], *s = ring[next++ % 4];

    snprintf(c, 64, "unknown[100.%d.%d.%d]", client / 65536 % 256, client / 256 % 256,
             client % 256);
    snprintf(s, 64, "a@spam%d.example", domain);
    return (struct observation){.kind = KIND_OPEN_RELAY,
                                .at_s = at_s,
                                .client = span_str(c),
                                .sender = span_str(s),
                                .recipient_domain = SPAN("victim.example"),
                                .status = STATUS_SENT,
                                .first = true,
                                .counts = true};
}

__attribute__((unused)) static struct cell_ref observe(struct observation o)
{
    return detector_observe(&run.p->detector, &o);
}

/* Every minute in between, the last one too. */
__attribute__((unused)) static void sweep(uint32_t since_s, uint32_t now_s)
{
    for (uint32_t minute = since_s / 60 + 1; minute <= now_s / 60; minute++)
        detector_sweep(&run.p->detector, 0, minute);
}

#endif
