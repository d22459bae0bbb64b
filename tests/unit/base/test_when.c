/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "base/when.h"

static wall_us at(int year, int month, int day, int hour, int minute, int second)
{
    struct civil c = {year, month, day, hour, minute, second, 0};

    return when_from_civil(&c);
}

static const struct {
    const char *name;
    struct civil civil;
    int64_t s;
} civils[] = {
    {"epoch", {1970, 1, 1, 0, 0, 0, 0}, 0},
    {"a second before", {1969, 12, 31, 23, 59, 59, 0}, -1},
    {"seed", {2018, 9, 17, 21, 20, 40, 0}, 1537219240},
    {"leap day", {2024, 2, 29, 12, 0, 0, 0}, 1709208000},
    {"day after leap day", {2024, 3, 1, 0, 0, 0, 0}, 1709251200},
    {"leap century", {2000, 2, 29, 0, 0, 0, 0}, 951782400},
    {"no leap century", {2100, 3, 1, 0, 0, 0, 0}, 4107542400},
    {"past 32 bits", {2038, 1, 19, 3, 14, 8, 0}, 2147483648},
    {"last second of a year", {2023, 12, 31, 23, 59, 59, 0}, 1704067199},
    {"long ago", {1, 1, 1, 0, 0, 0, 0}, -62135596800},
    {"year nought", {0, 2, 29, 0, 0, 0, 0}, -62162121600},
};

START_TEST(civil_dates_go_both_ways)
{
    struct civil want = civils[_i].civil;
    struct civil got = when_to_civil(civils[_i].s * US_PER_S);

    want_number(civils[_i].name, when_from_civil(&want), civils[_i].s * US_PER_S);
    want_number(civils[_i].name, got.year, want.year);
    want_number(civils[_i].name, got.month, want.month);
    want_number(civils[_i].name, got.day, want.day);
    want_number(civils[_i].name, got.hour, want.hour);
    want_number(civils[_i].name, got.minute, want.minute);
    want_number(civils[_i].name, got.second, want.second);
}
END_TEST

START_TEST(every_day_of_800_years_follows_the_one_before)
{
    wall_us t = at(1600, 1, 1, 0, 0, 0);

    for (int year = 1600; year < 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= when_days_in_month(year, month); day++) {
                struct civil c = when_to_civil(t);
                if (c.year != year || c.month != month || c.day != day || when_from_civil(&c) != t)
                    ck_abort_msg("%d-%d-%d: got %d-%d-%d", year, month, day, c.year, c.month,
                                 c.day);
                t += 86400 * US_PER_S;
            }
        }
    }
}
END_TEST

START_TEST(fractions_are_kept_before_the_epoch_too)
{
    struct civil c = when_to_civil(-1);

    ck_assert_int_eq(c.year, 1969);
    ck_assert_int_eq(c.second, 59);
    ck_assert_int_eq(c.us, 999999);
    ck_assert_int_eq(when_from_civil(&c), -1);
}
END_TEST

START_TEST(months_have_their_days)
{
    ck_assert_int_eq(when_days_in_month(2023, 2), 28);
    ck_assert_int_eq(when_days_in_month(2024, 2), 29);
    ck_assert_int_eq(when_days_in_month(1900, 2), 28);
    ck_assert_int_eq(when_days_in_month(2000, 2), 29);
    ck_assert_int_eq(when_days_in_month(2024, 0), 0);
    ck_assert_int_eq(when_days_in_month(2024, 13), 0);
}
END_TEST

/* A date, a reference, and the year that is meant. */
static const struct {
    const char *name;
    int month, day, hour;
    struct civil reference;
    int want;
} years[] = {
    {"same day", 11, 24, 3, {2026, 11, 24, 4, 0, 0, 0}, 2026},
    {"earlier this year", 1, 5, 0, {2026, 11, 24, 4, 0, 0, 0}, 2026},
    {"December seen in January", 12, 31, 23, {2026, 1, 1, 0, 5, 0, 0}, 2025},
    {"January seen in December: clock is behind", 1, 1, 0, {2025, 12, 31, 23, 55, 0, 0}, 2026},
    {"23 hours ahead: another time zone", 11, 25, 3, {2026, 11, 24, 4, 0, 0, 0}, 2026},
    {"25 hours ahead is a year ago", 11, 25, 5, {2026, 11, 24, 4, 0, 0, 0}, 2025},
    {"24 hours ahead to the second", 11, 25, 4, {2026, 11, 24, 4, 0, 0, 0}, 2026},
    {"leap day just past", 2, 29, 12, {2024, 3, 1, 0, 0, 0, 0}, 2024},
    {"leap day, read two years later", 2, 29, 12, {2026, 3, 1, 0, 0, 0, 0}, 2024},
    {"leap day, read before it", 2, 29, 12, {2024, 2, 1, 0, 0, 0, 0}, 2020},
    {"leap day around 2100", 2, 29, 12, {2103, 5, 1, 0, 0, 0, 0}, 2096},
    {"30 February is never", 2, 30, 12, {2026, 5, 1, 0, 0, 0, 0}, 2026},
};

START_TEST(year_is_the_latest_that_fits)
{
    wall_us reference = when_from_civil(&years[_i].reference);

    want_number(years[_i].name,
                when_year_for(years[_i].month, years[_i].day, years[_i].hour, 0, 0, reference),
                years[_i].want);
}
END_TEST

START_TEST(times_are_printed_in_utc)
{
    char buf[WHEN_TEXT_MAX];

    ck_assert_str_eq(when_print(0, buf), "1970-01-01T00:00:00Z");
    ck_assert_str_eq(when_print(at(2018, 9, 17, 21, 20, 40) + 999999, buf), "2018-09-17T21:20:40Z");
    ck_assert_str_eq(when_print(-1, buf), "1969-12-31T23:59:59Z");
    ck_assert_str_eq(when_print(WHEN_UNKNOWN, buf), "-");
    ck_assert_uint_lt(strlen(when_print(INT64_MAX, buf)), WHEN_TEXT_MAX);
    ck_assert_uint_lt(strlen(when_print(WHEN_UNKNOWN + 1, buf)), WHEN_TEXT_MAX);
}
END_TEST

#define BAD (-1)

static const struct {
    const char *text;
    int64_t s;
} durations[] = {
    {"90", 90},
    {"90s", 90},
    {"10m", 600},
    {"1h", 3600},
    {"5d", 432000},
    {"0", 0},
    {"007s", 7},
    {"", BAD},
    {"s", BAD},
    {"1w", BAD},
    {"1H", BAD},
    {"1 h", BAD},
    {"-1s", BAD},
    {"+1s", BAD},
    {"1.5h", BAD},
    {"1h30m", BAD},
    {"90s ", BAD},
    {"9223372036854", 9223372036854},
    {"9223372036855", BAD},
    {"106751991d", 106751991LL * 86400},
    {"106751992d", BAD},
    {"99999999999999999999", BAD},
};

START_TEST(durations_are_read)
{
    dur_us got = BAD * US_PER_S;
    bool good = when_parse_duration(span_str(durations[_i].text), &got);

    want_number(durations[_i].text, good, durations[_i].s != BAD);
    want_number(durations[_i].text, got, durations[_i].s * US_PER_S);
}
END_TEST

static const struct {
    int64_t s;
    const char *exact, *people;
} printed[] = {
    {0, "0s", "0s"},           {4, "4s", "4s"},
    {60, "1m", "1m"},          {90, "90s", "1m"},
    {720, "12m", "12m"},       {3600, "1h", "1h"},
    {3660, "61m", "1h 1m"},    {7200, "2h", "2h"},
    {86400, "1d", "1d"},       {86400 + 3599, "89999s", "1d"},
    {331200, "92h", "3d 20h"}, {6 * 86400, "6d", "6d"},
};

START_TEST(durations_are_printed)
{
    char buf[WHEN_TEXT_MAX];
    dur_us d = printed[_i].s * US_PER_S, back;

    want_text("exact", when_print_duration(d, buf), printed[_i].exact);
    ck_assert(when_parse_duration(span_str(buf), &back));
    want_number("read again", back, d);
    want_text("for people", when_print_span(d, buf), printed[_i].people);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("when");

    ADD_ROWS(tc, civil_dates_go_both_ways, civils);
    tcase_add_test(tc, every_day_of_800_years_follows_the_one_before);
    tcase_add_test(tc, fractions_are_kept_before_the_epoch_too);
    tcase_add_test(tc, months_have_their_days);
    ADD_ROWS(tc, year_is_the_latest_that_fits, years);
    tcase_add_test(tc, times_are_printed_in_utc);
    ADD_ROWS(tc, durations_are_read, durations);
    ADD_ROWS(tc, durations_are_printed, printed);
    return run_suite("when", tc);
}
