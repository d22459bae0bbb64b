/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the wall clock and the monotonic clock, and converts local time to UTC.
 * Doesn't know: event time, which comes from the log (see lib/engine).
 * Owns:         nothing.
 * Time:         microseconds. The wall clock may jump; the monotonic clock never goes back.
 * Fails:        never.
 *
 * Everything in daemon/ that wants to know the time asks here. Timers are libevent's and the
 * kernel's own business.
 */
#ifndef RELAYWATCH_COMMON_CLOCK_H
#define RELAYWATCH_COMMON_CLOCK_H

#include "base/when.h"

/* CLOCK_REALTIME: for dates, and for "how long ago". */
wall_us clock_wall(void);
/* CLOCK_MONOTONIC: for deadlines and elapsed time. */
int64_t clock_mono(void);

/* A when_zone: seconds east of UTC for a local date that names no zone, by this machine's TZ. When
 * the clocks go back, an hour of local time occurs twice: the first occurrence that is not more
 * than five minutes before `last` is meant. */
int clock_local_zone(void *ctx, int64_t local_s, wall_us last);

#endif
