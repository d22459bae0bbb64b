/* SPDX-License-Identifier: MIT */
/*
 * Does:         moves the event time of hosts forward. Everything on a host happens in order, at
 *               the second it is due by the host's own clock, whether a clock ticks or only the
 *               next line arrives hours later.
 * Doesn't know: lines.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_TIME_H
#define RELAYWATCH_ENGINE_PIPELINE_TIME_H

#include "engine/stages.h"

/* Moves a host's event time to now_s, and does everything that is due there by then. */
void pipeline_go_on(struct pipeline *p, uint16_t host, uint32_t now_s);

/* The host's latest line is of now_s, later than all before. */
void pipeline_move_host(struct pipeline *p, struct host *host, uint32_t now_s);
/* The host's time now: its clock has gone on since it was moved. 0 before its first line. */
uint32_t pipeline_host_time(const struct pipeline *p, const struct host *host);
/* The host's clock has gone on to now_s, as of moved_at by the steady clock: does what is due. */
void pipeline_tick_host(struct pipeline *p, uint16_t host, uint32_t now_s, wall_us moved_at);
/* When, by the steady clock, something is next due on any host if no line comes; WHEN_UNKNOWN:
 * never. */
wall_us pipeline_next_tick(const struct pipeline *p);
/* What a steady clock says, in microseconds, as the lines that follow are read. Only differences
 * count. */
void pipeline_clock(struct pipeline *p, wall_us now);
/* The log has ended: judges and groups what still waits on each host, as of its own time. */
void pipeline_finish_stages(struct pipeline *p);
/* Something may be due earlier than was known, on any host. */
void pipeline_look_again(struct pipeline *p);

/* Another source is to be read: notes up to when each host's lines were counted, the last second
 * too if it is over. */
void pipeline_mark_counted(struct pipeline *p, bool over);
/* True if a line of that host and time was counted before that. */
bool pipeline_was_counted(const struct pipeline *p, struct span host, wall_us when);
/* The earliest time of the hosts whose clocks are within a day of that; else the latest of all. */
uint32_t pipeline_earliest(const struct pipeline *p, wall_us now);

/* The second of a line's time; the host's latest if it has none. */
static inline uint32_t pipeline_event_time(const struct host *host, wall_us when)
{
    /* Seconds reach up to the year 2106, minus the most that is ever added to them. */
    const uint64_t max = UINT32_MAX - 366 * (uint64_t)86400;
    uint64_t s = (uint64_t)when / US_PER_S;

    return when <= 0 ? host->now_s : (uint32_t)(s < max ? s : max);
}
/* True if it is more than a day after everything read of that host so far. */
static inline bool pipeline_is_far_ahead(const struct host *host, uint32_t at_s)
{
    return host->now_s && at_s > host->now_s + 86400;
}
/* True if a line written at at_s confirms the time of the host's line that is held back. */
bool pipeline_confirms_kept(const struct pipeline *p, const struct host *host, uint32_t at_s);

/* Takes back evidence that does not count by what is known of the site now, and incidents that rest
 * on nothing else. */
void pipeline_judge_again(struct pipeline *p);
/* The same if the site has changed. It is due every minute, and at the end. */
void pipeline_judge_changed(struct pipeline *p);

#endif
