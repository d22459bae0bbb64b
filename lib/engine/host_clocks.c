/* SPDX-License-Identifier: MIT */
#include "engine/host_clocks.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/host_heard.h"
#include "engine/pipeline_time.h"

/* A clock is off at OFF_S in two looks that follow each other, and right again within RIGHT_S. In a
 * scan a look covers so many lines, LOOK_LINES at least, and hosts that have come TURNS_MIN times
 * in them; while a log is followed there is one in LOOK_S. */
enum { OFF_S = 300, RIGHT_S = 120, LOOK_S = 60, LOOK_LINES = 512, TURNS_MIN = 2, HOSTS_MIN = 3 };

/* "2 hours", "1 day", rounded: for people. */
static const char *span_text(int64_t s, char *buf, size_t size)
{
    static const struct {
        int64_t s;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
    size_t i = 0;

    while (i < 2 && s + units[i].s / 20 < units[i].s)
        i++;
    int64_t n = (s + units[i].s / 2) / units[i].s;
    snprintf(buf, size, "%lld %s%s", (long long)n, units[i].name, n == 1 ? "" : "s");
    return buf;
}

static void warn(struct pipeline *p, struct host *host, int64_t off_s)
{
    struct span name = intern_span(host->name);
    char text[40];

    span_text(off_s < 0 ? -off_s : off_s, text, sizeof(text));
    host->warning =
        off_s > 0 ? site_warn(p->options.site, "clock-off",
                              "The clock of host %.*s is %s ahead. Its own times are shown as it "
                              "tells them; no other host is affected. Set its clock (NTP).",
                              SPAN_ARG(name), text)
                  : site_warn(p->options.site, "clock-off",
                              "The clock of host %.*s is %s behind, or its lines come that late. "
                              "No other host is affected. Set its clock (NTP), or see why its "
                              "log is delayed.",
                              SPAN_ARG(name), text);
}

static void judge_clock(struct pipeline *p, struct host *host, int64_t off_s)
{
    bool is_off = off_s >= OFF_S || off_s <= -OFF_S;

    if (is_off && host->is_off && !host->warning)
        warn(p, host, off_s);
    if (host->warning && off_s <= RIGHT_S && off_s >= -RIGHT_S) {
        site_warning_over(p->options.site, host->warning);
        host->warning = 0;
    }
    host->is_off = is_off;
}

/* --- in a scan -------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* What the hosts that took turns say of the time, and how many they are; 0 if most disagree. */
static uint32_t agree(const struct pipeline *p, int64_t *ret)
{
    int64_t *behind = calloc((size_t)p->hosts.host_count + 1, sizeof(*behind));
    uint32_t n = 0, agreed = 0;

    for (uint16_t i = 0; behind && i < p->hosts.host_count; i++)
        if (p->hosts.host[i].turns >= TURNS_MIN)
            behind[n++] = p->hosts.host[i].behind_s;
    if (n)
        qsort(behind, n, sizeof(*behind), by_size);
    *ret = n ? behind[n / 2] : 0;
    for (uint32_t i = 0; i < n; i++)
        agreed += behind[i] < *ret + OFF_S && behind[i] > *ret - OFF_S;
    free(behind);
    return agreed * 2 > n ? n : 0;
}

static void look(struct pipeline *p)
{
    int64_t middle;
    bool known = agree(p, &middle) >= HOSTS_MIN;

    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        struct host *host = &p->hosts.host[i];
        if (known && host->turns >= TURNS_MIN)
            judge_clock(p, host, middle - host->behind_s);
        host->turns = 0;
    }
}

/* How far each is behind the host that is ahead of all. */
void host_clocks_note(struct pipeline *p, uint16_t number, uint32_t at_s)
{
    struct host *host = &p->hosts.host[number];
    struct clocks *clocks = &p->clocks;

    host_heard_see(p, number, at_s);
    if (p->hosts.host_count < HOSTS_MIN) /* two don't tell which of them is right */
        return;
    host->behind_s = p->now_s - host->now_s;
    host->turns += number != clocks->last_host;
    clocks->last_host = number;
    if (++clocks->lines < LOOK_LINES || clocks->lines < p->hosts.host_count * 8u)
        return;
    clocks->lines = 0;
    if (!clocks->from)
        look(p);
}

/* --- while a log is followed ------------------------------------------------------------------ */

/* A host that no line has come of since then tells nothing: its last one may be old. */
void host_clocks_compare(struct pipeline *p, wall_us wall)
{
    struct clocks *clocks = &p->clocks;

    host_heard_follow(p, wall != WHEN_UNKNOWN);
    if (wall == WHEN_UNKNOWN || !clocks->from) {
        clocks->from = wall == WHEN_UNKNOWN ? 0 : p->counters.lines + 1;
        return;
    }
    if (wall < clocks->compared_at + LOOK_S * US_PER_S && wall > clocks->compared_at)
        return;
    clocks->compared_at = wall;
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        struct host *host = &p->hosts.host[i];
        if (host->now_s && host->number >= clocks->from)
            judge_clock(p, host, pipeline_host_time(p, host) - wall / US_PER_S);
    }
}

void host_clocks_forget(struct pipeline *p)
{
    for (uint16_t i = 0; i < p->hosts.host_count; i++)
        p->hosts.host[i].warning = 0;
}
