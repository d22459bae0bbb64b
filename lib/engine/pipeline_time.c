/* SPDX-License-Identifier: MIT */
#include "engine/pipeline_time.h"

#include "detect/withdraw.h"
#include "track/tracker_lists.h"

/* After so long a silence everything is forgotten, whatever the settings: messages are kept 30 days
 * at most, evidence two windows of a day. */
enum { SILENCE_MINUTES = 40 * 24 * 60, DAY_S = 86400 };

/* Seconds reach up to the year 2106, minus the most that is ever added to them. */
uint32_t pipeline_event_time(const struct pipeline *p, wall_us when)
{
    wall_us s = when / US_PER_S, max = UINT32_MAX - 366 * (wall_us)DAY_S;

    return when <= 0 ? p->now_s : s < max ? (uint32_t)s : (uint32_t)max;
}

/* One line dated far ahead must not make all lines after it late. */
bool pipeline_is_far_ahead(const struct pipeline *p, uint32_t at_s)
{
    return p->now_s && at_s > p->now_s + DAY_S;
}

bool pipeline_confirms_kept(const struct pipeline *p, uint32_t at_s)
{
    return at_s + DAY_S >= pipeline_event_time(p, p->kept.when);
}

static enum evidence evidence(void *ctx, const struct cell *cell, enum kind kind)
{
    return judge_evidence(ctx, cell, kind);
}

void pipeline_judge_again(struct pipeline *p)
{
    p->judged_by = site_generation(p->options.site);
    uint32_t doubtful = detector_withdraw(&p->detector, evidence, &p->judge, p->now_s);
    /* Figures that are too high can only be counted anew. */
    if (doubtful > p->doubtful)
        p->judged_by_site = 0;
    p->doubtful = doubtful;
}

void pipeline_judge_changed(struct pipeline *p)
{
    if (p->judged_by != site_generation(p->options.site))
        pipeline_judge_again(p);
}

/* Minute by minute, even if the log was silent for hours: when something is forgotten must not
 * depend on how often a clock ticked. */
static void sweep(struct pipeline *p, uint32_t now_s)
{
    uint32_t minute = p->ticked_s / 60 + 1, last = now_s / 60;

    if (!p->ticked_s)
        return;
    if (last > minute + SILENCE_MINUTES)
        last = minute + SILENCE_MINUTES;
    for (; minute <= last; minute++) {
        tracker_drop_finished(&p->tracker, minute * 60);
        tracker_sweep(&p->tracker, minute);
        detector_sweep(&p->detector, minute);
        pipeline_judge_changed(p);
    }
}

/* Moves the stages to now_s, when something is due. */
static void step(struct pipeline *p, uint32_t now_s)
{
    sweep(p, now_s);
    if (!p->began_s)
        p->began_s = now_s;
    p->ticked_s = p->judge.present_s = now_s;
    tracker_drop_finished(&p->tracker, now_s);
    lifecycle_tick(&p->life, now_s);
    detector_tick(&p->detector, now_s);
}

uint32_t pipeline_next_due(const struct pipeline *p)
{
    uint32_t waiting = tracker_next_waited(&p->tracker), next = detector_next_tick(&p->detector);

    return waiting < next ? waiting : next;
}

/* Stops at each second when something is due, so that nothing happens late. */
void pipeline_go_on(struct pipeline *p, uint32_t now_s)
{
    uint32_t due;

    while (p->ticked_s && p->ticked_s + 1 < now_s && (due = pipeline_next_due(p)) < now_s)
        step(p, due > p->ticked_s ? due : p->ticked_s + 1);
    if (now_s > p->ticked_s)
        step(p, now_s);
}
