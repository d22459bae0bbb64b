/* SPDX-License-Identifier: MIT */
#include "common/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { DAY_S = 86400 };

static wall_us read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

wall_us clock_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static long east_at(int64_t s)
{
    time_t t = (time_t)s;
    struct tm tm;

    localtime_r(&t, &tm);
    return tm.tm_gmtoff;
}

int clock_local_zone(void *ctx, int64_t local_s, wall_us last)
{
    static const int guesses[] = {1, 0, -1}; /* tm_isdst: summer, winter, let mktime(3) choose */
    time_t as_utc = (time_t)local_s, first = 0, second = 0;
    struct tm want;
    bool any = false;

    (void)ctx;
    tzset();
    /* Where the clocks don't change within a day. mktime(3) would convert hundreds of times to find
     * a summer time that the zone doesn't have. */
    long east = east_at(local_s - DAY_S);
    if (east == east_at(local_s + DAY_S))
        return (int)east;
    gmtime_r(&as_utc, &want);
    for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++) {
        struct tm tm = want, got;
        tm.tm_isdst = guesses[i];
        time_t t = mktime(&tm);
        localtime_r(&t, &got);
        bool fits = got.tm_hour == want.tm_hour && got.tm_min == want.tm_min;
        /* When the clocks go forward an hour is missing. A time within it fits no guess; accept
         * whatever mktime makes of it. */
        if (!fits && (guesses[i] != -1 || any))
            continue;
        first = any && first < t ? first : t;
        second = any && second > t ? second : t;
        any = true;
    }
    bool too_early = last != WHEN_UNKNOWN && first * US_PER_S < last - 300 * US_PER_S;
    return (int)(local_s - (too_early ? second : first));
}
