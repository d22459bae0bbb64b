/* SPDX-License-Identifier: MIT */
/* Bursts of evidence, each after all before it has ended and was swept. */
#ifndef RELAYWATCH_TESTS_BURST_RUN_H
#define RELAYWATCH_TESTS_BURST_RUN_H

#include "detect/cell.h"
#include "detect/detector.h"
#include "detect/ticks.h"
#include "detector_run.h"

enum { AT_S = CORE_BEGIN_S + 60, GAP_S = 70 * 60 };

static uint64_t ids;

static void burst_of(struct observation o, uint32_t at_s, int count)
{
    sweep(at_s - GAP_S, at_s);
    detector_tick(&run.p->detector, 0, at_s);
    for (int i = 0; i < count; i++) {
        o.at_s = at_s + (uint32_t)i;
        o.id = (struct queue_id){.lo = ++ids, .hi = 1};
        observe(o);
    }
}

static void burst(int n, int client, int domain)
{
    burst_of(relayed(client, domain, 0), AT_S + (uint32_t)n * GAP_S, 5);
}

/* The level and key of each incident, oldest first: "3 mx1 20, 0 100.0.1.0 5". */
static const char *told(void)
{
    static char buf[2048];
    struct detector *d = &run.p->detector;
    const struct incident *list[64];
    uint32_t n = incidents_in_order(d, list);

    buf[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, d, list[i]);
        sprintf(buf + strlen(buf), "%s%d %s %llu of %u", i ? ", " : "", list[i]->level,
                list[i]->key_text->at, (unsigned long long)view.totals.messages,
                (unsigned)view.clients);
        incident_view_done(&view);
    }
    return buf;
}

#endif
