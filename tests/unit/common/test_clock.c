/* SPDX-License-Identifier: MIT */
/* The local times of a log, through every change of the clocks. Numbers in names are those of the
 * scenarios of log following. */
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "parse/syslog_header.h"
#include "rows.h"

#define ZONES "/usr/share/zoneinfo/"

static wall_us utc(int year, int month, int day, int hour, int minute)
{
    struct civil c = {year, month, day, hour, minute, 0, 0};

    return when_from_civil(&c);
}

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

/* --- s76: an hour that is twice, one that is not there ---------------------------------------- */

/* 2026-10-25: in Berlin 03:00 becomes 02:00 at 01:00 UTC; 2026-03-29: 02:00 becomes 03:00. */
static const struct {
    const char *name, *zone;
    int local[5], last[5]; /* year, month, day, hour, minute; last in UTC, year 0: there was none */
    int east_min;
} offsets[] = {
    {"winter", "Europe/Berlin", {2026, 11, 24, 12, 0}, {0}, 60},
    {"summer", "Europe/Berlin", {2026, 7, 1, 12, 0}, {0}, 120},
    {"before the fold", "Europe/Berlin", {2026, 10, 25, 1, 59}, {0}, 120},
    {"behind the fold", "Europe/Berlin", {2026, 10, 25, 3, 0}, {0}, 60},
    {"twice, nothing known", "Europe/Berlin", {2026, 10, 25, 2, 30}, {0}, 120},
    {"twice, after the hour before",
     "Europe/Berlin",
     {2026, 10, 25, 2, 30},
     {2026, 10, 25, 0, 29},
     120},
    {"twice, a little late", "Europe/Berlin", {2026, 10, 25, 2, 30}, {2026, 10, 25, 0, 35}, 120},
    {"twice, too late for the first",
     "Europe/Berlin",
     {2026, 10, 25, 2, 30},
     {2026, 10, 25, 0, 36},
     60},
    {"twice, in the second", "Europe/Berlin", {2026, 10, 25, 2, 30}, {2026, 10, 25, 1, 29}, 60},
    {"twice, long after both", "Europe/Berlin", {2026, 10, 25, 2, 30}, {2026, 10, 26, 0, 0}, 60},
    {"before the gap", "Europe/Berlin", {2026, 3, 29, 1, 59}, {0}, 60},
    {"behind the gap", "Europe/Berlin", {2026, 3, 29, 3, 0}, {0}, 120},
    {"the south, first", "Australia/Sydney", {2026, 4, 5, 2, 30}, {2026, 4, 4, 15, 29}, 660},
    {"the south, second", "Australia/Sydney", {2026, 4, 5, 2, 30}, {2026, 4, 4, 16, 29}, 600},
    {"half an hour, first", "Australia/Lord_Howe", {2026, 4, 5, 1, 45}, {2026, 4, 4, 14, 44}, 660},
    {"half an hour, second", "Australia/Lord_Howe", {2026, 4, 5, 1, 45}, {2026, 4, 4, 15, 14}, 630},
    {"winter is the exception, first",
     "Europe/Dublin",
     {2026, 10, 25, 1, 30},
     {2026, 10, 25, 0, 29},
     60},
    {"winter is the exception, second",
     "Europe/Dublin",
     {2026, 10, 25, 1, 30},
     {2026, 10, 25, 1, 29},
     0},
    {"no summer time", "Asia/Kolkata", {2026, 7, 1, 12, 0}, {0}, 330},
    {"before 1970", "Europe/Berlin", {1969, 12, 31, 23, 0}, {0}, 60},
};

START_TEST(s76_offset)
{
    const int *l = offsets[_i].local, *n = offsets[_i].last;
    wall_us last = n[0] ? utc(n[0], n[1], n[2], n[3], n[4]) : WHEN_UNKNOWN;

    set_zone(offsets[_i].zone);
    int east = clock_local_zone(NULL, utc(l[0], l[1], l[2], l[3], l[4]) / US_PER_S, last);
    want_number(offsets[_i].name, east, offsets[_i].east_min * 60);
}
END_TEST

/* A time that no clock showed: one of the two there is, and never far off. */
START_TEST(s76_gap)
{
    set_zone("Europe/Berlin");
    for (int minute = 0; minute < 60; minute++) {
        int east = clock_local_zone(NULL, utc(2026, 3, 29, 2, minute) / US_PER_S, WHEN_UNKNOWN);
        ck_assert_msg(east == 3600 || east == 7200, "02:%02d: got %d, want 3600 or 7200", minute,
                      east);
    }
}
END_TEST

static wall_us parse(struct syslog_clock *clock, const struct tm *tm)
{
    char line[100];
    struct syslog_header h;

    strftime(line, sizeof(line), "%b %e %H:%M:%S mx1 postfix/qmgr[1]: AAAAAA: removed", tm);
    ck_assert_msg(syslog_header_parse(clock, span_str(line), &h), "not parsed: %s", line);
    return h.when;
}

/* A line every so many minutes, for a day around the change: each in its own time. Where nothing is
 * said for an hour nobody can know; up to 54 minutes it is known. */
static const struct {
    const char *name, *zone;
    int from[3]; /* noon UTC of the day before */
} changes[] = {
    {"fold in Berlin", "Europe/Berlin", {2026, 10, 24}},
    {"gap in Berlin", "Europe/Berlin", {2026, 3, 28}},
    {"fold in Dublin", "Europe/Dublin", {2026, 10, 24}},
    {"gap in Dublin", "Europe/Dublin", {2026, 3, 28}},
    {"fold in Sydney", "Australia/Sydney", {2026, 4, 4}},
    {"gap in New York", "America/New_York", {2026, 3, 7}},
};

START_TEST(s76_lines_through_a_change)
{
    const int *f = changes[_i].from;
    char got[WHEN_TEXT_MAX], want[WHEN_TEXT_MAX];

    set_zone(changes[_i].zone);
    for (int every = 1; every < 55; every++) {
        struct syslog_clock clock = {.reference = utc(f[0], f[1], f[2] + 2, 12, 0),
                                     .zone = clock_local_zone,
                                     .last = WHEN_UNKNOWN};
        for (int minute = 0; minute < 24 * 60; minute += every) {
            wall_us truth = utc(f[0], f[1], f[2], 12, 0) + minute * 60 * US_PER_S;
            time_t t = (time_t)(truth / US_PER_S);
            struct tm tm;
            wall_us when = parse(&clock, localtime_r(&t, &tm));
            ck_assert_msg(when == truth, "%s, every %d min: got %s, want %s", changes[_i].name,
                          every, when_print(when, got), when_print(truth, want));
        }
    }
}
END_TEST

/* Every quarter of an hour of a year, as localtime_r(3) has it: more than a day from a change of
 * the clocks, where there is a short way, and near one, where there is not. */
static const char *const zones[] = {"UTC",
                                    "Europe/Berlin",
                                    "America/St_Johns",
                                    "Asia/Kolkata",
                                    "Australia/Lord_Howe",
                                    "Africa/Casablanca",
                                    "Pacific/Kiritimati"};

START_TEST(s76_a_year)
{
    char text[WHEN_TEXT_MAX];

    set_zone(zones[_i]);
    wall_us last = WHEN_UNKNOWN;
    for (time_t t = (time_t)(utc(2026, 1, 1, 0, 0) / US_PER_S); t < 1798761600; t += 900) {
        struct tm tm;
        localtime_r(&t, &tm);
        int east = clock_local_zone(NULL, t + tm.tm_gmtoff, last);
        last = t * US_PER_S;
        ck_assert_msg(east == tm.tm_gmtoff, "%s, %s: got %d, want %ld", zones[_i],
                      when_print(last, text), east, tm.tm_gmtoff);
    }
}
END_TEST

/* --- s76: the zone itself changes ------------------------------------------------------------- */

/* From the next full quarter of an hour on; a line that names its zone keeps it. */
START_TEST(s76_zone_changed_while_running)
{
    struct syslog_clock clock = {
        .reference = utc(2026, 11, 24, 12, 0), .zone = clock_local_zone, .last = WHEN_UNKNOWN};
    struct tm tm = {.tm_year = 126, .tm_mon = 10, .tm_mday = 24, .tm_hour = 10, .tm_min = 14};
    struct syslog_header h;

    set_zone("Europe/Berlin");
    want_number("before", parse(&clock, &tm), utc(2026, 11, 24, 9, 14));
    setenv("TZ", "America/New_York", 1); /* no tzset: nobody tells the daemon */
    tm.tm_min = 15;
    want_number("after", parse(&clock, &tm), utc(2026, 11, 24, 15, 15));
    ck_assert(
        syslog_header_parse(&clock, SPAN("2026-11-24T10:16:00+01:00 mx1 postfix/qmgr[1]: x"), &h));
    want_number("a zone of its own", h.when, utc(2026, 11, 24, 9, 16));
    tm.tm_min = 30;
    want_number("long after", parse(&clock, &tm), utc(2026, 11, 24, 15, 30));
}
END_TEST

static bool put_over(const char *zone, const char *localtime)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), ZONES "%s", zone);
    return mount(path, localtime, "none", MS_BIND, NULL) == 0;
}

/* In a process whose /etc/localtime is its own. 77: not allowed. */
static int change_localtime(void)
{
    char path[PATH_MAX];
    int64_t local_s = utc(2026, 11, 24, 10, 0) / US_PER_S;

    unsetenv("TZ");
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
        !realpath("/etc/localtime", path) || !put_over("Europe/Berlin", path))
        return 77;
    if (clock_local_zone(NULL, local_s, WHEN_UNKNOWN) != 3600)
        return 1;
    if (!put_over("America/New_York", path))
        return 77;
    return clock_local_zone(NULL, local_s, WHEN_UNKNOWN) == -5 * 3600 ? 0 : 2;
}

/* As timedatectl does it. */
START_TEST(s76_localtime_changed_while_running)
{
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(change_localtime());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        printf("SKIP s76: not root, no /etc/localtime of its own\n");
    else
        want_number("change_localtime", WEXITSTATUS(status), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("clock");

    if (access(ZONES "Europe/Berlin", R_OK) < 0) {
        printf("SKIP s76: no time zones are installed (tzdata)\n");
        return 0;
    }
    ADD_ROWS(tc, s76_offset, offsets);
    tcase_add_test(tc, s76_gap);
    ADD_ROWS(tc, s76_lines_through_a_change, changes);
    ADD_ROWS(tc, s76_a_year, zones);
    tcase_add_test(tc, s76_zone_changed_while_running);
    tcase_add_test(tc, s76_localtime_changed_while_running);
    return run_suite("clock", tc);
}
