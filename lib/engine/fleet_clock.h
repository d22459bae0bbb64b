/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells the time for a fleet, whose hosts are counted together: that of the lines as
 *               they come, unless a host disagrees with the others.
 * Doesn't know: what is counted.
 * Owns:         the host that stands for the fleet in `hosts`, and its clock.
 * Time:         event time in seconds. Unlike any other host's, this clock can be set back.
 * Fails:        without a place for one more host, each host is counted for itself.
 */
#ifndef RELAYWATCH_ENGINE_FLEET_CLOCK_H
#define RELAYWATCH_ENGINE_FLEET_CLOCK_H

#include "engine/stages.h"

/* Looks whether the site is a fleet. Call it when the site is another one. */
void fleet_clock_set(struct pipeline *p);
/* Lines are coming: only now, since a save may have the fleet's host. */
static inline void fleet_clock_begin(struct pipeline *p)
{
    if (p->detector.fleet == HOSTS_NONE)
        fleet_clock_set(p);
}
/* That host's clock has moved on to now_s. */
void fleet_clock_note(struct pipeline *p, uint16_t host, uint32_t now_s);
static inline void fleet_clock_see(struct pipeline *p, uint16_t host, uint32_t now_s)
{
    if (p->detector.fleet != HOSTS_NONE)
        fleet_clock_note(p, host, now_s);
}

#endif
