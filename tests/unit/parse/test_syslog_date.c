/* SPDX-License-Identifier: MIT */
/* tests/corpus/lines.txt has the forms within lines; here are their edges. */
#include "parse/syslog_date.h"
#include "rows.h"

#include <stdio.h>

/* 2026-11-24T03:47:12Z */
#define THEN (1795492032 * US_PER_S)

enum form { RFC3164, RFC3339, YEAR_FIRST, UNIX, TAI64N };

static const struct {
    const char *name;
    enum form form;
    const char *text;
    wall_us want; /* WHEN_UNKNOWN: refused */
} rows[] = {
    {"RFC 3164", RFC3164, "Nov 24 03:47:12 ", THEN},
    {"a day of one digit", RFC3164, "Nov  4 03:47:12 ", THEN - 20 * 86400 * US_PER_S},
    {"with a zero", RFC3164, "Nov 04 03:47:12 ", THEN - 20 * 86400 * US_PER_S},
    {"unpadded", RFC3164, "Nov 4 03:47:12 ", THEN - 20 * 86400 * US_PER_S},
    {"no such month", RFC3164, "Nox 24 03:47:12 ", WHEN_UNKNOWN},
    {"no such hour", RFC3164, "Nov 24 24:47:12 ", WHEN_UNKNOWN},
    {"no blank behind it", RFC3164, "Nov 24 03:47:12", WHEN_UNKNOWN},
    {"RFC 3339", RFC3339, "2026-11-24T04:47:12.5+01:00 ", THEN + 500000},
    {"RFC 3339, UTC", RFC3339, "2026-11-24T03:47:12Z ", THEN},
    {"RFC 3339, local", RFC3339, "2026-11-24T03:47:12.25 ", THEN + 250000},
    {"a blank for the T", RFC3339, "2026-11-24 03:47:12 ", THEN},
    {"half a zone", RFC3339, "2026-11-24T03:47:12+01 ", WHEN_UNKNOWN},
    {"no such day", RFC3339, "2026-11-31T03:47:12Z ", WHEN_UNKNOWN},
    {"the year first", YEAR_FIRST, "2026 Nov 24 03:47:12.5 ", THEN + 500000},
    {"seconds", UNIX, "1795492032.000001 ", THEN + 1},
    {"Grafana", RFC3339, "2026-11-24T03:47:12.250Z\t", THEN + 250000},
    {"whole seconds", UNIX, "1795492032 ", THEN},
    {"a short number", UNIX, "179549203 ", WHEN_UNKNOWN},
    {"svlogd", RFC3339, "2026-11-24_03:47:12.25000 ", THEN + 250000},
    {"TAI64N", TAI64N, "@400000006b0508ca0b0b3580 ", THEN + 185283},
    {"TAI64N, cut", TAI64N, "@400000006b0508ca0b0b358 ", WHEN_UNKNOWN},
    {"TAI64N, no blank behind it", TAI64N, "@400000006b0508ca0b0b35800 ", WHEN_UNKNOWN},
    {"before 1970", TAI64N, "@400000000000000900000000 ", WHEN_UNKNOWN},
    {"no nanoseconds", TAI64N, "@400000006b0508ca3b9aca00 ", WHEN_UNKNOWN},
    {"no seconds", UNIX, "x1795492032 ", WHEN_UNKNOWN},
};

START_TEST(a_date_is_cut_off)
{
    struct syslog_clock clock = {.reference = THEN};
    char text[64];
    snprintf(text, sizeof(text), "%smx1", rows[_i].text);
    struct span s = span_str(text);
    wall_us when = WHEN_UNKNOWN;
    bool read = false;

    switch (rows[_i].form) {
    case RFC3164:
        read = syslog_date_rfc3164(&clock, &s, &when);
        break;
    case RFC3339:
        read = syslog_date_rfc3339(&clock, &s, &when);
        break;
    case YEAR_FIRST:
        read = syslog_date_year_first(&clock, &s, &when);
        break;
    case TAI64N:
        read = syslog_date_tai64n(&s, &when);
        break;
    case UNIX:
        read = syslog_date_unix(&s, &when);
        break;
    }
    want_number(rows[_i].name, read ? when : WHEN_UNKNOWN, rows[_i].want);
    if (read)
        ck_assert_msg(span_equal(s, SPAN("mx1")), "rest: got \"%.*s\"", SPAN_ARG(s));
}
END_TEST

/* What is remembered of earlier dates changes nothing: around the day on which the year is decided,
 * and through dates that there are not. */
START_TEST(date_does_not_depend_on_those_before)
{
    static const char *const days[] = {"Nov 24", "Nov 25", "Nov  4", "Nov 04", "Feb 29", "Feb 30",
                                       "Dec 31", "Jan  1", "Mar 2",  "Nov 24", "Xyz 24", "\0ov 24"};
    static const char *const times[] = {"00:00:00", "03:46:59", "03:47:00", "03:47:12",
                                        "03:47:13", "23:59:60", "24:00:00", "03:47:1x"};
    const wall_us references[] = {1795489632 * US_PER_S, (1795489632 - 86400) * US_PER_S, 0};

    for (size_t r = 0; r < sizeof(references) / sizeof(*references); r++) {
        struct syslog_clock warm = {.reference = references[r], .last = WHEN_UNKNOWN};
        for (unsigned i = 0; i < 20000; i++) {
            struct syslog_clock fresh = {.reference = references[r], .last = WHEN_UNKNOWN};
            const char *day = days[i % 5 ? i / 64 % 12 : (i * 2654435761u >> 16) % 12];
            wall_us want = 0, got = 0;
            char text[32];
            memcpy(text, day, 6);
            size_t len = 6 - !day[5];
            len += (size_t)snprintf(text + len, sizeof(text) - len, " %s mx1", times[i % 8]);
            struct span a = span_of(text, len), b = a;
            bool ok = syslog_date_rfc3164(&fresh, &a, &want);
            ck_assert_msg(syslog_date_rfc3164(&warm, &b, &got) == ok && got == want && a.at == b.at,
                          "%s: got %lld, want %lld", text, (long long)got, (long long)want);
        }
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("syslog_date");

    ADD_ROWS(tc, a_date_is_cut_off, rows);
    tcase_add_test(tc, date_does_not_depend_on_those_before);
    return run_suite("syslog_date", tc);
}
