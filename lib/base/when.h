/* SPDX-License-Identifier: MIT */
/*
 * Does:         points in time and durations: civil dates to and from microseconds, "90s" and "1h".
 * Doesn't know: clocks and time zones; whoever needs them passes them in.
 * Owns:         nothing.
 * Time:         wall_us is microseconds since 1970-01-01T00:00:00Z, dur_us microseconds.
 * Fails:        parsers return false and leave the output alone.
 */
#ifndef RELAYWATCH_BASE_WHEN_H
#define RELAYWATCH_BASE_WHEN_H

#include "base/span.h"

typedef int64_t wall_us;
typedef int64_t dur_us;

#define US_PER_S      ((dur_us)1000000)
#define WHEN_UNKNOWN  ((wall_us)INT64_MIN)
#define WHEN_TEXT_MAX 32

struct civil {
    int year, month, day; /* month 1..12, day 1..31 */
    int hour, minute, second;
    int us;
};

/* Seconds east of UTC for a local civil time given as if it were UTC, in seconds. Where a clock
 * change makes it ambiguous, the answer that is nearest to, and not before, `last` minus five
 * minutes is wanted; last may be WHEN_UNKNOWN. */
typedef int when_zone(void *ctx, int64_t local_s, wall_us last);

/* Proleptic Gregorian; fields must be in range. Taken as UTC. */
wall_us when_from_civil(const struct civil *c);
struct civil when_to_civil(wall_us t);
bool when_is_leap(int year);
int when_days_in_month(int year, int month);

/* The year of a date that comes without one: the latest in which the date exists (29 February) and
 * lies at most 24 h after `reference`, which must be known. The fields are in range; where no year
 * has the date (30 February), it is the year of `reference`. */
int when_year_for(int month, int day, int hour, int minute, int second, wall_us reference);

/* "2026-11-24T03:47:12Z"; the fraction is cut; WHEN_UNKNOWN is "-". buf has WHEN_TEXT_MAX bytes;
 * returns buf. */
const char *when_print(wall_us t, char *buf);

/* "90" (seconds), "90s", "10m", "1h", "5d". Whole numbers; false on anything else or overflow. */
bool when_parse_duration(struct span s, dur_us *ret);
/* The largest unit that divides it: "1h", "90s". buf has WHEN_TEXT_MAX bytes; returns buf. */
const char *when_print_duration(dur_us d, char *buf);
/* For people: "3d 20h", "12m", "4s". buf has WHEN_TEXT_MAX bytes; returns buf. */
const char *when_print_span(dur_us d, char *buf);

#endif
