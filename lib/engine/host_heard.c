/* SPDX-License-Identifier: MIT */
#include "engine/host_heard.h"

#include <string.h>

enum { MINUTE_S = 60, DAY_S = 86400, WEEK_S = 7 * DAY_S };

/* TIMES: how often the longest pause. A night's pause may become a weekend's. REPORTED: a
 * pause that was reported counts as a fifth of it, so that the same again is not reported, and yet
 * one outage does not make the host's silence unheard for weeks. OFF_S: shown before others. */
enum { TIMES = 10, AT_LEAST_S = 15 * MINUTE_S, REPORTED = 5, OFF_S = MINUTE_S };

void host_heard_pause(struct host_heard *heard, uint32_t at_s)
{
    uint32_t pause_s = at_s - heard->line_s;

    if (!heard->line_s) {
        heard->since_s = heard->period_s = at_s;
        return;
    }
    if (heard->silent)
        pause_s /= REPORTED;
    if (pause_s > heard->pause_s)
        heard->pause_s = pause_s;
}

static uint32_t longest(const struct host_heard *heard)
{
    return heard->pause_s > heard->pause_before_s ? heard->pause_s : heard->pause_before_s;
}

/* After so long a host counts as silent; 0: it has not been heard over a day. */
static uint32_t silent_after(const struct host_heard *heard)
{
    uint64_t pause_s = longest(heard), after_s = pause_s * TIMES;

    if (heard->line_s < (uint64_t)heard->since_s + DAY_S)
        return 0;
    if (after_s > WEEK_S)
        after_s = pause_s * 2 > WEEK_S ? pause_s * 2 : WEEK_S;
    return (uint32_t)(after_s > AT_LEAST_S ? after_s : AT_LEAST_S);
}

static uint32_t quiet(const struct host_heard *heard, wall_us now)
{
    return now > heard->at ? (uint32_t)((now - heard->at) / US_PER_S) : 0;
}

static bool is_gone(const struct host_heard *heard, wall_us now)
{
    uint32_t after_s = silent_after(heard);

    return quiet(heard, now) >= (after_s ? after_s : DAY_S) + (uint64_t)WEEK_S;
}

static bool is_silent(const struct host_heard *heard, wall_us now)
{
    uint32_t after_s = silent_after(heard);

    return after_s && quiet(heard, now) >= after_s && !is_gone(heard, now);
}

void host_heard_follow(struct pipeline *p, bool is_followed)
{
    if (!is_followed)
        p->clocks.followed_at = 0;
    else if (!p->clocks.followed_at)
        p->clocks.followed_at = p->clock;
}

/* The longest pause is kept for a week or two: for that of its own and the one after it. */
void host_heard_look(struct pipeline *p, wall_us now)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        struct host_heard *heard = &p->hosts.heard[i];
        heard->silent = is_silent(heard, now);
        if (heard->line_s < (uint64_t)heard->period_s + WEEK_S)
            continue;
        heard->pause_before_s = heard->pause_s;
        heard->pause_s = 0;
        heard->period_s = heard->line_s;
    }
}

void host_heard_move(struct pipeline *to, const struct pipeline *from)
{
    for (uint16_t i = 0; i < to->hosts.host_count; i++) {
        uint16_t was = hosts_find(&from->hosts, intern_span(to->hosts.host[i].name));
        if (was != HOSTS_NONE)
            to->hosts.heard[i] = from->hosts.heard[was];
    }
    to->clocks.followed_at = from->clocks.followed_at;
}

/* --- what is known ---------------------------------------------------------------------------- */

struct host_seen host_heard_seen(const struct host_heard *heard, uint16_t host, wall_us now)
{
    return (struct host_seen){.host = host,
                              .line_s = heard->line_s,
                              .quiet_s = quiet(heard, now),
                              .after_s = silent_after(heard),
                              .pause_s = longest(heard),
                              .silent = is_silent(heard, now)};
}

bool host_is_heard(const struct pipeline *p, uint16_t host, wall_us now)
{
    return p->hosts.heard[host].line_s && !is_gone(&p->hosts.heard[host], now);
}

struct host_seen host_seen_of(const struct pipeline *p, uint16_t host, wall_us now, wall_us wall)
{
    const struct host_heard *heard = &p->hosts.heard[host];
    struct host_seen seen = host_heard_seen(heard, host, now);

    seen.is_timed = p->clocks.followed_at && heard->at >= p->clocks.followed_at;
    int64_t late_s = wall / US_PER_S - seen.quiet_s - seen.line_s;

    if (seen.is_timed && late_s > 0)
        seen.late_s = (uint32_t)late_s;
    else if (seen.is_timed)
        seen.ahead_s = (uint32_t)-late_s;
    return seen;
}

static uint32_t off(const struct host_seen *seen)
{
    return seen->late_s > seen->ahead_s ? seen->late_s : seen->ahead_s;
}

/* What is worth a look comes first; then who was heard longest ago. */
static bool is_before(const struct host_seen *a, const struct host_seen *b)
{
    uint32_t off_a = off(a) >= OFF_S ? off(a) : 0, off_b = off(b) >= OFF_S ? off(b) : 0;

    if (a->silent != b->silent)
        return a->silent;
    if (!a->silent && off_a != off_b)
        return off_a > off_b;
    return a->quiet_s > b->quiet_s;
}

static void show(struct hosts_seen *all, const struct host_seen *seen)
{
    uint32_t at = all->shown;

    while (at > 0 && is_before(seen, &all->host[at - 1]))
        at--;
    if (at == HOSTS_SEEN_SHOWN)
        return;
    all->shown += all->shown < HOSTS_SEEN_SHOWN;
    memmove(&all->host[at + 1], &all->host[at], (all->shown - at - 1) * sizeof(*all->host));
    all->host[at] = *seen;
}

void hosts_seen_sum(const struct pipeline *p, wall_us now, wall_us wall, struct hosts_seen *ret)
{
    uint32_t newest_s = UINT32_MAX;

    *ret = (struct hosts_seen){.newest_silent = HOSTS_NONE};
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        if (!host_is_heard(p, i, now))
            continue;
        const struct host_seen seen = host_seen_of(p, i, now, wall);
        bool late = seen.late_s >= HOSTS_SEEN_LATE_S, ahead = seen.ahead_s >= HOSTS_SEEN_LATE_S;
        ret->count++;
        ret->silent += seen.silent;
        ret->late += late;
        ret->ahead += ahead;
        ret->well += !seen.silent && !late && !ahead;
        if (seen.silent && seen.quiet_s - seen.after_s < newest_s) {
            newest_s = seen.quiet_s - seen.after_s;
            ret->newest_silent = i;
        }
        show(ret, &seen);
    }
}
