/* SPDX-License-Identifier: MIT */
/* tests/corpus/lines.txt has the forms; here is what depends on more than the line. */
#include <stdio.h>

#include "parse/syslog_header.h"
#include "rows.h"

static wall_us at(int year, int month, int day, int hour, int minute, int second)
{
    struct civil c = {year, month, day, hour, minute, second, 0};

    return when_from_civil(&c);
}

static const struct {
    const char *name, *date;
    int reference[3]; /* year, month, day, at noon */
    int year;         /* 0: no date */
} years[] = {
    {"today", "Nov 24 11:00:00", {2026, 11, 24}, 2026},
    {"tomorrow: clocks differ", "Nov 25 11:00:00", {2026, 11, 24}, 2026},
    {"the day after tomorrow was last year's", "Nov 26 13:00:00", {2026, 11, 24}, 2025},
    {"new year's eve, read after it", "Dec 31 23:59:59", {2027, 1, 1}, 2026},
    {"new year, ahead of the clock", "Jan  1 00:10:00", {2026, 12, 31}, 2027},
    {"a leap day in a leap year", "Feb 29 10:00:00", {2028, 3, 1}, 2028},
    {"a leap day later", "Feb 29 10:00:00", {2026, 3, 1}, 2024},
    {"no day of any year", "Feb 30 10:00:00", {2026, 3, 1}, 0},
    {"no month", "Foo 30 10:00:00", {2026, 3, 1}, 0},
    {"day zero", "Mar 00 10:00:00", {2026, 3, 1}, 0},
};

START_TEST(year_comes_from_the_reference)
{
    const int *r = years[_i].reference;
    struct syslog_clock clock = {.reference = at(r[0], r[1], r[2], 12, 0, 0), .last = WHEN_UNKNOWN};
    char line[100];
    struct syslog_header h;

    snprintf(line, sizeof(line), "%s mx1 postfix/qmgr[1]: AAAAAA: removed", years[_i].date);
    bool ok = syslog_header_parse(&clock, span_str(line), &h);
    want_number(years[_i].name, ok, years[_i].year != 0);
    if (ok)
        want_number(years[_i].name, when_to_civil(h.when).year, years[_i].year);
}
END_TEST

static int calls;

/* An hour east of UTC, and one more from 2026-03-29T01:00:00Z on. */
static int summer(void *ctx, int64_t local_s, wall_us last)
{
    (void)ctx;
    (void)last;
    calls++;
    return local_s < at(2026, 3, 29, 2, 0, 0) / US_PER_S ? 3600 : 7200;
}

static const struct {
    const char *name, *line, *want;
} zones[] = {
    {"winter", "Mar 29 01:59:59 mx1 postfix/qmgr[1]: x", "2026-03-29T00:59:59Z"},
    {"summer", "Mar 29 03:00:00 mx1 postfix/qmgr[1]: x", "2026-03-29T01:00:00Z"},
    {"year first", "2026 Mar 29 03:00:00 mx1 postfix/qmgr[1]: x", "2026-03-29T01:00:00Z"},
    {"no zone", "2026-03-29T03:00:00.5 mx1 postfix/qmgr[1]: x", "2026-03-29T01:00:00Z"},
    {"no zone, winter", "2026-03-29 01:59:59 mx1 postfix/qmgr[1]: x", "2026-03-29T00:59:59Z"},
    {"a zone of its own", "2026-03-29T03:00:00-01:00 mx1 postfix/qmgr[1]: x",
     "2026-03-29T04:00:00Z"},
    {"Z", "2026-03-29T03:00:00Z mx1 postfix/qmgr[1]: x", "2026-03-29T03:00:00Z"},
};

START_TEST(zone_is_asked_where_the_line_has_none)
{
    struct syslog_clock clock = {
        .reference = at(2026, 4, 1, 0, 0, 0), .zone = summer, .last = WHEN_UNKNOWN};
    struct syslog_header h;
    char buf[WHEN_TEXT_MAX];

    /* Twice, as what it remembers of the last line must not matter. */
    for (int i = 0; i < 2; i++) {
        want_number(zones[_i].name, syslog_header_parse(&clock, span_str(zones[_i].line), &h),
                    true);
        want_text(zones[_i].name, when_print(h.when, buf), zones[_i].want);
    }
}
END_TEST

START_TEST(every_order_of_dates_gives_the_same)
{
    struct syslog_clock clock = {
        .reference = at(2026, 4, 1, 0, 0, 0), .zone = summer, .last = WHEN_UNKNOWN};
    struct syslog_header h;
    char buf[WHEN_TEXT_MAX];

    for (int a = 0; a < COUNT(zones); a++)
        for (int b = 0; b < COUNT(zones); b++) {
            syslog_header_parse(&clock, span_str(zones[a].line), &h);
            syslog_header_parse(&clock, span_str(zones[b].line), &h);
            want_text(zones[b].name, when_print(h.when, buf), zones[b].want);
        }
}
END_TEST

/* A prefix that can't be kept must not get the number of another. */
START_TEST(a_prefix_not_kept_has_no_number)
{
    struct syslog_prefix prefixes[SYSLOG_PREFIXES] = {0};
    struct syslog_clock clock = {
        .reference = at(2026, 4, 1, 0, 0, 0), .prefix = prefixes, .last = WHEN_UNKNOWN};
    struct syslog_header h;

    ck_assert(syslog_header_parse(&clock, SPAN("Mar 29 03:00:00 mx1 postfix/qmgr[1]: x"), &h));
    ck_assert_int_ge(h.prefix, 0);
    ck_assert(h.prefix_new);
    ck_assert(syslog_header_parse(&clock, SPAN("Mar 29 03:00:00 mx1 postfix/qmgr[1]: x"), &h));
    ck_assert(!h.prefix_new);
    ck_assert(syslog_header_parse(&clock,
                                  SPAN("Mar 29 03:00:00 <mail.info> mx1 postfix/qmgr[1]: x"), &h));
    ck_assert_int_eq(h.prefix, -1);
}
END_TEST

static const struct {
    const char *name, *line;
    bool known;
} peeks[] = {
    {"another second", "Mar 29 03:00:01 mx1 postfix/qmgr[2]: some text", true},
    {"another day", "Apr  1 00:00:00 mx1 postfix/qmgr[2]: some text", true},
    {"RFC 3339", "2026-03-29T03:00:01.5+01:00 mx1 postfix/qmgr[2]: some text", true},
    {"another program", "Mar 29 03:00:01 mx1 postfix/smtp[2]: some text", false},
    {"another host", "Mar 29 03:00:01 mx2 postfix/qmgr[2]: some text", false},
    {"a day of one digit", "Apr 1 00:00:00 mx1 postfix/qmgr[2]: some text", false},
    {"no process number", "Mar 29 03:00:01 mx1 postfix/qmgr: some text", false},
    {"short", "Mar 29 03:00:01 mx1", false},
    {"no blank", "2026-03-29T03:00:01.500000+01:00", false},
};

START_TEST(a_known_prefix_is_seen_behind_any_date)
{
    struct syslog_prefix prefixes[SYSLOG_PREFIXES] = {0};
    struct syslog_clock clock = {
        .reference = at(2026, 4, 1, 0, 0, 0), .prefix = prefixes, .last = WHEN_UNKNOWN};
    struct syslog_header full, h;

    ck_assert(syslog_header_parse(&clock, SPAN("Mar 29 03:00:00 mx1 postfix/qmgr[1]: x"), &full));
    want_number(peeks[_i].name, syslog_header_peek(&clock, span_str(peeks[_i].line), &h),
                peeks[_i].known);
    if (!peeks[_i].known)
        return;
    want_number("prefix", h.prefix, full.prefix);
    want_number("pid", h.pid, 2);
    ck_assert(span_equal(h.host, SPAN("mx1")) && span_equal(h.tag, SPAN("postfix/qmgr")) &&
              span_equal(h.text, SPAN("some text")));
}
END_TEST

/* Each host's programs, in turn and then once more: nearly all have a number of their own. A place
 * that two share would cost every other line of theirs a third of its time. */
static const struct {
    const char *hosts[4];
    int count, shared; /* lines that had lost their number to another, of 15 per host */
} hosts[] = {
    {{"mx1"}, 1, 0},
    {{"mail.example.org"}, 1, 0},
    {{"mx1", "mx2", "mx3", "mx4"}, 4, 16},
    {{"mx1.a.example", "mx2.a.example", "mx1.b.example", "mx2.b.example"}, 4, 16},
};

START_TEST(each_program_has_a_number_of_its_own)
{
    static const char *const programs[] = {
        "smtpd",  "cleanup", "qmgr", "smtp",  "lmtp",   "local",      "pickup",           "bounce",
        "master", "anvil",   "pipe", "error", "scache", "relay/smtp", "submission/smtpd",
    };
    struct syslog_prefix prefixes[SYSLOG_PREFIXES] = {0};
    struct syslog_clock clock = {
        .reference = at(2026, 4, 1, 0, 0, 0), .prefix = prefixes, .last = WHEN_UNKNOWN};
    int shared = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < hosts[_i].count * 15; i++) {
            char line[128];
            struct syslog_header h;
            snprintf(line, sizeof(line), "Mar 29 03:00:00 %s postfix/%s[1%d]: some text",
                     hosts[_i].hosts[i / 15], programs[i % 15], i);
            ck_assert(syslog_header_parse(&clock, span_str(line), &h));
            want_number(line, h.pid, (i < 10 ? 10 : 100) + i);
            shared += round && h.prefix_new;
        }
    ck_assert_msg(shared <= hosts[_i].shared, "%s: got %d shared, want at most %d",
                  hosts[_i].hosts[0], shared, hosts[_i].shared);
}
END_TEST

START_TEST(zone_is_asked_once_a_second)
{
    struct syslog_clock clock = {
        .reference = at(2026, 4, 1, 0, 0, 0), .zone = summer, .last = WHEN_UNKNOWN};
    struct syslog_header h;

    calls = 0;
    for (int i = 0; i < 10; i++)
        syslog_header_parse(&clock, SPAN("Mar 29 03:00:00 mx1 postfix/qmgr[1]: x"), &h);
    want_number("calls", calls, 1);
}
END_TEST

START_TEST(failed_line_has_no_time)
{
    struct syslog_clock clock = {.reference = at(2026, 4, 1, 0, 0, 0), .last = 77};
    struct syslog_header h;

    want_number("parsed", syslog_header_parse(&clock, SPAN("Mar 29 03:00:00 mx1 nothing"), &h),
                false);
    want_number("last", clock.last, 77);
}
END_TEST

/* Every beginning of a good line, and every line with one byte changed, is parsed or refused
 * without reading past its end (the sanitizer says). */
static const char *const whole[] = {
    "Nov 24 03:47:12 mx1 postfix/qmgr[812]: 4FBFE15E604A: removed",
    "<22>1 2026-11-24T03:47:12Z mx1 postfix/qmgr 812 ID7 [a@1 k=\"v \\] \\\" w\"] 4FBFE15E604A: x",
    "64 <22>1 2026-11-24T03:47:12Z mx1 postfix/qmgr 812 ID7 [a@1 k=\"v\"] 4FBFE15E604A: x",
    "2026-11-24T03:47:12Z mx1 postfix/qmgr 812 - [a@1 k=\"v\"] 4FBFE15E604A: x",
    "Nov 24 03:47:12 relay <22>Nov 24 03:47:12 mx1 postfix/qmgr[812]: 4FBFE15E604A: x",
    "Nov 24 03:47:12 Nov 24 03:47:12 mx1 postfix/qmgr[812]: 4FBFE15E604A: x",
    "smtp_1  | 2020-11-02T13:52:02.681188429Z Nov 02 13:52:02 mx1 postfix/qmgr[812]: [ID 1 a] x",
    "2013 Jun 10 06:27:30.123 <mail.info> mx1 postfix/qmgr[812]: message repeated 3 times: [ x]",
    "Nov 4 03:47:12 mx1 docker[2871]: Nov 24 01:40:00 mail postfix/qmgr[812]: 4FBFE15E604A: x",
    "[pod/a/b] 2026-11-24T03:47:12Z stdout F 2026-11-24T01:40:00.5Z mx1 postfix/qmgr[812]: x",
    "Tue 2026-11-24 03:47:12.185246 CEST mx1 mail.info postfix/qmgr[812]: x",
    "Tue Nov 24 03:47:12 2026 mail.info postfix/qmgr[812]: x",
    "2026-11-24 04:47:12.185246+0100  localhost postfix/qmgr[812]: (libsystem) x",
    "2026-11-24T03:47:12Z {a=\"b\", c=\"\\\"\"}  Nov 24 01:40:00 mx1 postfix/qmgr[812]: x",
    "2026-11-24T03:47:12Z a/b 2026-11-24T01:40:00.5Z mx1 postfix/qmgr[812]: x",
    "mail postfix-0 \xe2\x80\xba postfix Nov 24 01:40:00 mx1 postfix/qmgr[812]: x",
    "@400000006b0508ca0b0b3580 mail.info: Nov 24 01:40:00 postfix/qmgr[812]: x",
    "/var/log/mail.log-20261123-Nov 24 01:40:00 mx1 postfix/qmgr[812]: x",
    "     17 Nov 24 01:40:00 mx1 postfix/qmgr[812]: x",
    "1795492032.185246 mx1 postfix/qmgr[812]: x \t",
};

START_TEST(any_part_of_a_line_is_safe)
{
    struct syslog_clock clock = {.reference = at(2026, 4, 1, 0, 0, 0), .last = WHEN_UNKNOWN};
    size_t len = strlen(whole[_i]);
    struct syslog_header h;

    for (size_t n = 0; n <= len; n++) {
        char *copy = malloc(n ? n : 1);
        memcpy(copy, whole[_i], n);
        bool ok = syslog_header_parse(&clock, span_of(copy, n), &h);
        if (ok)
            ck_assert_msg(h.text.at + h.text.len <= copy + n,
                          "%s, %zu bytes: got a text past the end", whole[_i], n);
        for (size_t i = 0; i < n; i++) {
            char was = copy[i];
            copy[i] = ' ';
            syslog_header_parse(&clock, span_of(copy, n), &h);
            copy[i] = was;
        }
        free(copy);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("header");

    ADD_ROWS(tc, year_comes_from_the_reference, years);
    ADD_ROWS(tc, zone_is_asked_where_the_line_has_none, zones);
    tcase_add_test(tc, every_order_of_dates_gives_the_same);
    tcase_add_test(tc, a_prefix_not_kept_has_no_number);
    ADD_ROWS(tc, a_known_prefix_is_seen_behind_any_date, peeks);
    ADD_ROWS(tc, each_program_has_a_number_of_its_own, hosts);
    tcase_add_test(tc, zone_is_asked_once_a_second);
    tcase_add_test(tc, failed_line_has_no_time);
    ADD_ROWS(tc, any_part_of_a_line_is_safe, whole);
    return run_suite("header", tc);
}
