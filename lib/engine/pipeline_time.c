/* SPDX-License-Identifier: MIT */
#include "engine/pipeline_time.h"

#include "detect/ticks.h"
#include "detect/withdraw.h"
#include "judge/evidence.h"
#include "site/site_doors.h"
#include "track/tracker_lists.h"

/* After so long a silence everything is forgotten, whatever the settings: messages are kept 30 days
 * at most, evidence two windows of a day. */
enum { DAY_S = 86400, SILENCE_S = 40 * DAY_S };

bool pipeline_confirms_kept(const struct pipeline *p, const struct host *host, uint32_t at_s)
{
    return at_s + DAY_S >= pipeline_event_time(host, kept_lines_of(&p->kept, host)->when);
}

static enum evidence evidence(void *ctx, const struct cell *cell, enum kind kind)
{
    struct judge *judge = ctx;

    return evidence_now(judge->classifier.site, &judge->clients, cell, kind);
}

static void judge_host_again(struct pipeline *p, uint16_t host)
{
    struct host *h = &p->hosts.host[host];

    h->judged_by = (uint32_t)site_generation(p->options.site);
    struct withdrawn now = detector_withdraw(&p->detector, host, evidence, &p->judge, h->now_s);
    if (now.doubtful > h->doubtful || site_take_doubt(p->options.site))
        p->judge.reread |= REREAD_FIGURES;
    if (now.incidents)
        p->judge.reread |= REREAD_WITHDRAWN;
    h->doubtful = now.doubtful;
}

void pipeline_judge_again(struct pipeline *p)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++)
        judge_host_again(p, i);
}

static void judge_if_changed(struct pipeline *p, uint16_t host)
{
    if (p->hosts.host[host].judged_by != (uint32_t)site_generation(p->options.site))
        judge_host_again(p, host);
}

void pipeline_judge_changed(struct pipeline *p)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++)
        judge_if_changed(p, i);
}

/* Minute by minute, even if the log was silent for hours: when something is forgotten must not
 * depend on how often a clock ticked. */
static void sweep(struct pipeline *p, uint16_t host, uint32_t minute)
{
    tracker_drop_finished(&p->tracker, host, minute * 60);
    tracker_sweep(&p->tracker, host, minute);
    detector_sweep(&p->detector, host, minute);
    judge_if_changed(p, host);
}

static uint32_t min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* When a stage next has something to do, or a sweep. A host of which nothing is kept is not
 * swept. */
static uint32_t next_due(const struct pipeline *p, uint16_t host)
{
    uint32_t minute = p->hosts.host[host].ticked_s / 60 + 1;
    bool idle = tracker_is_idle(&p->tracker, host) && detector_is_idle(&p->detector, host);

    return min(idle ? UINT32_MAX : minute * 60,
               min(tracker_next_due(&p->tracker, host), detector_next_tick(&p->detector, host)));
}

/* Moves the stages to now_s, when something is due. No minute lies between, or the host is idle. */
static void step(struct pipeline *p, uint16_t host, uint32_t now_s)
{
    struct host *h = &p->hosts.host[host];

    if (h->ticked_s && now_s / 60 > h->ticked_s / 60)
        sweep(p, host, now_s / 60);
    if (!p->began_s)
        p->began_s = now_s;
    h->ticked_s = p->judge.present_s = now_s;
    tracker_drop_finished(&p->tracker, host, now_s);
    lifecycle_tick(&p->life, host, now_s);
    detector_tick(&p->detector, host, now_s);
    h->due_s = next_due(p, host);
}

/* Stops at each second when something is due, so that nothing happens late. */
void pipeline_go_on(struct pipeline *p, uint16_t host, uint32_t now_s)
{
    struct host *h = &p->hosts.host[host];
    uint32_t last = now_s;

    if (!h->ticked_s) {
        step(p, host, now_s);
        return;
    }
    if (now_s - h->ticked_s > SILENCE_S)
        last = h->ticked_s + SILENCE_S;
    while (h->due_s <= last && h->ticked_s < last)
        step(p, host, h->due_s > h->ticked_s ? h->due_s : h->ticked_s + 1);
    if (last < now_s)
        step(p, host, now_s);
    h->ticked_s = now_s;
}

void pipeline_move_host(struct pipeline *p, struct host *host, uint32_t now_s)
{
    host->now_s = now_s;
    host->moved_at = p->clock;
    if (now_s > p->now_s)
        p->now_s = now_s;
}

/* In whole seconds. The rest of one is left for the next time. */
uint32_t pipeline_host_time(const struct pipeline *p, const struct host *host)
{
    wall_us passed = (p->clock - host->moved_at) / US_PER_S;

    if (!host->now_s || passed <= 0 || passed > UINT32_MAX - host->now_s)
        return host->now_s;
    return host->now_s + (uint32_t)passed;
}

void pipeline_tick_host(struct pipeline *p, uint16_t host, uint32_t now_s, wall_us moved_at)
{
    struct host *h = &p->hosts.host[host];

    if (now_s <= h->now_s)
        return;
    pipeline_move_host(p, h, now_s);
    h->moved_at = moved_at;
    if (h->due_s <= now_s)
        pipeline_go_on(p, host, now_s);
}

static wall_us host_due(const struct pipeline *p, const struct host *host)
{
    uint32_t due_s = host->due_s;
    const struct log_line_kept *kept = kept_lines_of(&p->kept, host);

    if (kept)
        due_s = min(due_s, pipeline_event_time(host, kept->when) - DAY_S);
    if (due_s == UINT32_MAX)
        return WHEN_UNKNOWN;
    if (due_s <= host->now_s) /* overdue work is done as soon as time moves on */
        due_s = host->now_s + 1;
    return host->moved_at + (due_s - host->now_s) * US_PER_S;
}

wall_us pipeline_next_tick(const struct pipeline *p)
{
    wall_us next = WHEN_UNKNOWN;

    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        wall_us due = p->hosts.host[i].now_s ? host_due(p, &p->hosts.host[i]) : next;
        if (due != WHEN_UNKNOWN && (next == WHEN_UNKNOWN || due < next))
            next = due;
    }
    return next;
}

/* Before the clock was first told, times of it count from then. */
void pipeline_clock(struct pipeline *p, wall_us now)
{
    for (uint16_t i = 0; !p->clock && i < p->hosts.host_count; i++) {
        p->hosts.host[i].moved_at += now;
        p->hosts.heard[i].at += now;
    }
    if (now > p->clock)
        p->clock = now;
}

void pipeline_finish_stages(struct pipeline *p)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        p->judge.present_s = p->hosts.host[i].now_s;
        lifecycle_finish(&p->life, i, p->hosts.host[i].now_s);
    }
    pipeline_judge_changed(p);
    detector_group(&p->detector);
}

void pipeline_look_again(struct pipeline *p)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++)
        p->hosts.host[i].due_s = 0;
}

void pipeline_mark_counted(struct pipeline *p, bool over)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++)
        p->hosts.host[i].counted_s = p->hosts.host[i].now_s ? p->hosts.host[i].now_s + over : 0;
}

bool pipeline_was_counted(const struct pipeline *p, struct span host, wall_us when)
{
    uint16_t i = hosts_find(&p->hosts, host);

    return i != HOSTS_NONE && when < p->hosts.host[i].counted_s * US_PER_S;
}

uint32_t pipeline_earliest(const struct pipeline *p, wall_us now)
{
    int64_t s = now / US_PER_S;
    uint32_t earliest = p->now_s;

    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        uint32_t its = p->hosts.host[i].now_s;
        if (its && its > s - DAY_S && its < s + DAY_S && (its < earliest || earliest >= s + DAY_S))
            earliest = its;
    }
    return earliest;
}
