/* SPDX-License-Identifier: MIT */
/*
 * Does:         points in time and durations: civil dates to and from microseconds, "90s" and "1h".
 * Doesn't know: clocks and time zones; callers pass in what they need.
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

/* Returns the seconds east of UTC at a local time, which is given in seconds as if it were UTC. A
 * local time that a clock change repeats means the earliest moment that is not more than five
 * minutes before `last`, which may be WHEN_UNKNOWN. */
typedef int when_zone(void *ctx, int64_t local_s, wall_us last);

/* Proleptic Gregorian, UTC. The fields must be in range. */
wall_us when_from_civil(const struct civil *c);
struct civil when_to_civil(wall_us t);
bool when_is_leap(int year);
int when_days_in_month(int year, int month);

/* The year of a date given without one: the latest year that has the date (29 February) and puts it
 * at most 24 h after `reference`, which must be known. The fields must be in range. A date that no
 * year has (30 February) is in the year of `reference`. */
int when_year_for(int month, int day, int hour, int minute, int second, wall_us reference);

/* "2026-11-24T03:47:12Z", without the fraction; "-" for WHEN_UNKNOWN. This and the next two return
 * buf, which has WHEN_TEXT_MAX bytes. */
const char *when_print(wall_us t, char *buf);

/* "90" (seconds), "90s", "10m", "1h", "5d": whole numbers only. */
bool when_parse_duration(struct span s, dur_us *ret);
/* In the largest unit that divides it: "1h", "90s". */
const char *when_print_duration(dur_us d, char *buf);
/* For people: "3d 20h", "12m", "4s". */
const char *when_print_span(dur_us d, char *buf);

#endif
