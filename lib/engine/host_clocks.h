/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds hosts whose clock is off, or whose lines come late, and warns of each once
 *               until it is over. While a log is followed, the wall clock tells. In a scan, the
 *               other hosts do: their lines stand in the order in which they came, so most hosts
 *               agree what time it was.
 * Doesn't know: why a clock is off. Nothing else depends on what is found here.
 * Owns:         nothing; what it notes is in struct host.
 * Time:         the wall clock, given, and event time.
 * Fails:        where less than three hosts take turns in the log, or most don't agree, it says
 *               nothing.
 */
#ifndef RELAYWATCH_ENGINE_HOST_CLOCKS_H
#define RELAYWATCH_ENGINE_HOST_CLOCKS_H

#include "engine/stages.h"

/* A line of that host has come, and its time is known. Tells host_heard.c, too: a log of one host,
 * where nothing is to be compared, costs one test for both. */
void host_clocks_note(struct pipeline *p, uint16_t host, uint32_t at_s);
static inline void host_clocks_see(struct pipeline *p, uint16_t host, uint32_t at_s)
{
    if (p->hosts.host_count > 1) /* one has nobody to be compared with */
        host_clocks_note(p, host, at_s);
}
/* What the wall clock says, at times, while lines are followed as they are written; WHEN_UNKNOWN:
 * old ones are being read. */
void host_clocks_compare(struct pipeline *p, wall_us wall);
/* The site is another one: it has to be told again. */
void host_clocks_forget(struct pipeline *p);

#endif
