/* SPDX-License-Identifier: MIT */
#include "engine/second_reading.h"

#include "detect/detector.h"
#include "engine/host_heard.h"
#include "engine/pipeline_time.h"
#include "site/site_digest.h"

/* A reading that begins in the middle of the log does not know who sent what was accepted before.
 * By then such mail has been delivered, or has been tried. */
enum { BEGINNING_S = 3600 };

bool second_reading_is_due(const struct pipeline *p)
{
    return p->judge.reread & ~REREAD_WITHDRAWN;
}

void second_reading_give_up(struct pipeline *p)
{
    p->judged_by_site = site_digest(p->options.site);
    p->judge.reread = 0;
}

struct pipeline *second_reading_begin(const struct pipeline *first)
{
    struct pipeline_options options = first->options;

    options.seed = first->tracker.seed;
    options.on_event = NULL;
    struct pipeline *second = pipeline_new(&options);
    if (second) { /* incidents keep their order beside those that move over */
        second->detector.numbers = first->detector.numbers;
        familiar_copy(&second->judge.familiar, &first->judge.familiar);
    }
    return second;
}

/* A full table forgets, and what was forgotten must not count as not having been. */
static bool has_forgotten(const struct pipeline *p)
{
    return p->tracker.counters.evicted || p->detector.counters.cells_evicted ||
           p->detector.counters.incidents_evicted || p->texts.refused;
}

/* Incidents that began earlier were not read again, or not whole. */
static uint32_t since(const struct pipeline *second, const struct pipeline *first)
{
    if (has_forgotten(second))
        return UINT32_MAX;
    if (first->began_s && second->began_s <= first->began_s)
        return 0;
    return second->began_s + BEGINNING_S;
}

/* Counters say what was read and done since the beginning, and each line counts once. */
static void take_counters(struct pipeline *second, const struct pipeline *first)
{
    second->counters = first->counters;
    second->life.counters = first->life.counters;
    second->tracker.counters = first->tracker.counters;
    second->detector.counters = first->detector.counters;
    memcpy(second->judge.verdicts, first->judge.verdicts, sizeof(second->judge.verdicts));
    memcpy(second->judge.deliveries, first->judge.deliveries, sizeof(second->judge.deliveries));
    memcpy(second->refused, first->refused, sizeof(second->refused));
    second->hosts.evicted = first->hosts.evicted;
    second->hosts.refused = first->hosts.refused;
    second->texts.refused = first->texts.refused;
}

/* The log may have been silent since: each host's clock has gone on. */
static void go_on_as(struct pipeline *second, const struct pipeline *first)
{
    second->clock = first->clock;
    for (uint16_t i = 0; i < second->hosts.host_count; i++) {
        uint16_t was = hosts_find(&first->hosts, intern_span(second->hosts.host[i].name));
        if (was == HOSTS_NONE)
            continue;
        const struct host *host = &first->hosts.host[was];
        pipeline_tick_host(second, i, host->now_s, host->moved_at);
        second->hosts.host[i].moved_at = host->moved_at;
    }
    host_heard_move(second, first);
}

bool second_reading_take_over(struct pipeline *second, struct pipeline *first,
                              struct inherited *ret)
{
    go_on_as(second, first);
    detector_group(&first->detector);
    detector_group(&second->detector);
    if (!detector_inherit(&second->detector, &first->detector, since(second, first), second->now_s,
                          ret))
        return false;
    take_counters(second, first);
    if (first->began_s && first->began_s < second->began_s)
        second->began_s = first->began_s;
    second->options.on_event = second->detector.on_event = first->options.on_event;
    second->options.on_event_ctx = second->detector.on_event_ctx = first->options.on_event_ctx;
    pipeline_judge_again(second); /* what is in doubt nonetheless stays so */
    second_reading_give_up(second);
    return true;
}
