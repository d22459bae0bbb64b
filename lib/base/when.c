/* SPDX-License-Identifier: MIT */
#include "base/when.h"

#include <inttypes.h>
#include <stdio.h>

#define S_PER_MIN  60
#define S_PER_HOUR 3600
#define S_PER_DAY  86400
/* In 400 years, after which the Gregorian calendar repeats. */
#define DAYS_PER_ERA 146097

/* Rounds down for times before 1970 too, where C rounds towards zero. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool when_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int when_days_in_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12)
        return 0;
    return days[month - 1] + (month == 2 && when_is_leap(year));
}

/* Days since 1970-01-01. Years begin in March, so that the leap day comes last and all other months
 * have a fixed length: (153 m + 2) / 5 days precede month m. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t of_year = (153 * m + 2) / 5 + day - 1;

    /* There are 719468 days between 0000-03-01 and 1970-01-01. */
    return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

wall_us when_from_civil(const struct civil *c)
{
    int64_t s = days_of(c->year, c->month, c->day) * S_PER_DAY + c->hour * S_PER_HOUR +
                c->minute * S_PER_MIN + c->second;

    return s * US_PER_S + c->us;
}

/* The inverse of days_of. */
static void date_of(int64_t days, struct civil *ret)
{
    int64_t era = floor_div(days + 719468, DAYS_PER_ERA);
    int64_t day = days + 719468 - era * DAYS_PER_ERA;
    /* Without the leap days (one in 4 years, not in 100, but in 400) all years have 365 days. */
    int64_t year = (day - day / 1460 + day / 36524 - day / (DAYS_PER_ERA - 1)) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t m = (5 * of_year + 2) / 153;

    ret->day = (int)(of_year - (153 * m + 2) / 5 + 1);
    ret->month = (int)(m < 10 ? m + 3 : m - 9);
    ret->year = (int)(year + era * 400 + (ret->month <= 2));
}

struct civil when_to_civil(wall_us t)
{
    struct civil c = {0};
    int64_t s = floor_div(t, US_PER_S);
    int64_t days = floor_div(s, S_PER_DAY);
    int64_t of_day = s - days * S_PER_DAY;

    date_of(days, &c);
    c.hour = (int)(of_day / S_PER_HOUR);
    c.minute = (int)(of_day / S_PER_MIN % 60);
    c.second = (int)(of_day % 60);
    /* The remainder of a time before 1970 is negative. */
    c.us = (int)((t % US_PER_S + US_PER_S) % US_PER_S);
    return c;
}

int when_year_for(int month, int day, int hour, int minute, int second, wall_us reference)
{
    /* Syslog's short form, "Nov 24 03:47:12", has no year: take the latest that is not in the
     * future. */
    int now = when_to_civil(reference).year;

    /* Any nine years have a 29 February, even around 1900 and 2100. */
    for (int year = now + 1; year > now - 9; year--) {
        struct civil c = {.year = year,
                          .month = month,
                          .day = day,
                          .hour = hour,
                          .minute = minute,
                          .second = second};
        /* A day ahead is allowed, for time zones and clocks that are fast. */
        if (day <= when_days_in_month(year, month) &&
            when_from_civil(&c) <= reference + S_PER_DAY * US_PER_S)
            return year;
    }
    return now;
}

const char *when_print(wall_us t, char *buf)
{
    struct civil c = when_to_civil(t);

    if (t == WHEN_UNKNOWN)
        snprintf(buf, WHEN_TEXT_MAX, "-");
    else
        snprintf(buf, WHEN_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day,
                 c.hour, c.minute, c.second);
    return buf;
}

static const struct {
    char letter;
    int32_t s;
} units[] = {{'d', S_PER_DAY}, {'h', S_PER_HOUR}, {'m', S_PER_MIN}, {'s', 1}};

#define UNIT_COUNT (sizeof(units) / sizeof(*units))

/* 1 for no unit, 0 for an unknown one. */
static int64_t unit_seconds(struct span unit)
{
    if (unit.len == 0)
        return 1;
    for (size_t i = 0; unit.len == 1 && i < UNIT_COUNT; i++)
        if (units[i].letter == unit.at[0])
            return units[i].s;
    return 0;
}

bool when_parse_duration(struct span s, dur_us *ret)
{
    uint64_t n;
    int64_t unit_s;
    dur_us d;

    if (!span_take_number(&s, &n) || !(unit_s = unit_seconds(s)))
        return false;
    /* A person may write "99999999999999999d". */
    if (__builtin_mul_overflow((int64_t)n, unit_s * US_PER_S, &d))
        return false;
    *ret = d;
    return true;
}

const char *when_print_duration(dur_us d, char *buf)
{
    int64_t s = d / US_PER_S;
    size_t i = 0;

    /* The largest unit that divides it: 90 s stay "90s", so that nothing is lost. */
    while (i < UNIT_COUNT - 1 && (s == 0 || s % units[i].s != 0))
        i++;
    snprintf(buf, WHEN_TEXT_MAX, "%" PRId64 "%c", s / units[i].s, units[i].letter);
    return buf;
}

const char *when_print_span(dur_us d, char *buf)
{
    int64_t s = d / US_PER_S;
    size_t i = 0;

    while (i < UNIT_COUNT - 1 && s < units[i].s)
        i++;
    int64_t rest = i + 1 < UNIT_COUNT ? s % units[i].s / units[i + 1].s : 0;
    /* Nobody needs the seconds of an attack that has lasted for minutes. */
    if (rest == 0 || units[i].letter == 'm')
        snprintf(buf, WHEN_TEXT_MAX, "%" PRId64 "%c", s / units[i].s, units[i].letter);
    else
        snprintf(buf, WHEN_TEXT_MAX, "%" PRId64 "%c %" PRId64 "%c", s / units[i].s, units[i].letter,
                 rest, units[i + 1].letter);
    return buf;
}
