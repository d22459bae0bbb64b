/* SPDX-License-Identifier: MIT */
#include "parse/syslog_date.h"

static bool two_digits(const char *at, int *ret)
{
    if (!is_digit(at[0]) || !is_digit(at[1]))
        return false;
    *ret = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

/* 1 to 12, or 0 for no month. English names: syslog knows no others. */
static int month_of(const char *at)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (memcmp(at, names + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

static bool time_of_day(const char *at, struct civil *c)
{
    return at[2] == ':' && at[5] == ':' && two_digits(at, &c->hour) &&
           two_digits(at + 3, &c->minute) && two_digits(at + 6, &c->second) && c->hour < 24 &&
           c->minute < 60 && c->second <= 60;
}

/* "Nov 24 03:47:12", "Nov  4 ..." (RFC 3164) or "Nov 04 ..." (postlogd): 15 bytes, no year. */
enum { RFC3164_LEN = 15 };

static bool month_day_time(const char *at, struct civil *c)
{
    c->month = month_of(at);
    if (!c->month || at[3] != ' ' || at[6] != ' ' || !is_digit(at[5]))
        return false;
    if (at[4] == ' ')
        c->day = at[5] - '0';
    else if (!two_digits(at + 4, &c->day))
        return false;
    return c->day >= 1 && c->day <= 31 && time_of_day(at + 7, c);
}

/* Most lines have the same date, to the second, as the line before. */
static inline bool from_cache(const struct syslog_clock *clock, const char *at, size_t len)
{
    return clock->stamp_len == len && memcmp(clock->stamp, at, len) == 0;
}

static void to_cache(struct syslog_clock *clock, const char *at, size_t len, wall_us seconds)
{
    memcpy(clock->stamp, at, len);
    clock->stamp[len] = ' '; /* for syslog_date_again */
    clock->stamp_len = (uint8_t)len;
    clock->seconds = seconds;
}

/* Asking for the zone is slow, so its answer is kept. */
static wall_us local_to_wall(struct syslog_clock *clock, wall_us local)
{
    int64_t quarter = local / (900 * US_PER_S) + 1;

    if (!clock->zone)
        return local;
    /* When clocks are set back, the same quarter comes twice. */
    bool back = clock->last != WHEN_UNKNOWN &&
                local - clock->east * US_PER_S < clock->last - 300 * US_PER_S;
    if (quarter != clock->quarter || back) {
        clock->east = clock->zone(clock->zone_ctx, local / US_PER_S, clock->last);
        clock->quarter = quarter;
    }
    return local - clock->east * US_PER_S;
}

/* ".185246": any number of digits, truncated to microseconds. */
static int take_fraction(struct span *s)
{
    enum { USUAL = 6 };
    int us = 0;
    size_t i = 1;

    if (s->len < 2 || s->at[0] != '.' || !is_digit(s->at[1]))
        return 0;
    if (s->len > 8 && swar_digits(swar_load(s->at + 1)) == USUAL) {
        us = (int)swar_decimal(swar_load(s->at + 1), USUAL);
        *s = span_skip(*s, 1 + USUAL);
        return us;
    }
    for (int digits = 0; digits < 6; digits++)
        us = us * 10 + (i < s->len && is_digit(s->at[i]) ? s->at[i++] - '0' : 0);
    while (i < s->len && is_digit(s->at[i]))
        i++;
    *s = span_skip(*s, i);
    return us;
}

/* "Mar 2 10:00:00": RFC 3164's date after HTML has folded its two blanks into one. */
static bool unpadded_day(const char *at, struct civil *c)
{
    char padded[RFC3164_LEN];

    if (at[3] != ' ' || !is_digit(at[4]) || at[5] != ' ')
        return false;
    memcpy(padded, at, 4);
    padded[4] = ' ';
    memcpy(padded + 5, at + 4, RFC3164_LEN - 5);
    return month_day_time(padded, c);
}

/* The length of the date without a year at the start of s; 0 if there is none. */
static size_t read_rfc3164(struct span s, struct civil *c)
{
    if (s.len <= RFC3164_LEN)
        return 0;
    if (month_day_time(s.at, c))
        return RFC3164_LEN;
    return unpadded_day(s.at, c) ? RFC3164_LEN - 1 : 0;
}

enum { DAY_LEN = sizeof("Nov 24 ") - 1 };

/* Remembers the day of that date, unless its year depends on the hour: a day after `reference` the
 * year ends that a date is taken to be of. */
static void keep_day(struct syslog_clock *clock, const char *at, const struct civil *c)
{
    struct civil end = when_to_civil(clock->reference + 86400 * US_PER_S);
    const struct civil start = {.year = c->year, .month = c->month, .day = c->day};

    clock->day[0] = '\0';
    if (end.month == c->month && end.day == c->day)
        return;
    memcpy(clock->day, at, DAY_LEN);
    clock->day_start = when_from_civil(&start);
}

static bool is_same_day(const struct syslog_clock *clock, struct span s)
{
    return s.len > RFC3164_LEN && clock->day[0] && memcmp(clock->day, s.at, DAY_LEN) == 0;
}

/* The local time of a date of that length; c has all but the year. False: there is no such day. */
static bool read_local(struct syslog_clock *clock, const char *at, size_t len, struct civil *c,
                       wall_us *ret)
{
    c->year = when_year_for(c->month, c->day, c->hour, c->minute, c->second, clock->reference);
    if (c->day > when_days_in_month(c->year, c->month))
        return false;
    if (len == RFC3164_LEN)
        keep_day(clock, at, c);
    *ret = when_from_civil(c);
    return true;
}

static __attribute__((noinline)) bool take_new_rfc3164(struct syslog_clock *clock, struct span *s,
                                                       wall_us *ret)
{
    struct civil c = {0};
    bool same_day = is_same_day(clock, *s) && time_of_day(s->at + DAY_LEN, &c);
    size_t len = same_day ? RFC3164_LEN : read_rfc3164(*s, &c);
    wall_us local = clock->day_start + ((c.hour * 60 + c.minute) * 60 + c.second) * US_PER_S;

    if (len == 0)
        return false;
    if (!from_cache(clock, s->at, len)) {
        if (!same_day && !read_local(clock, s->at, len, &c, &local))
            return false;
        to_cache(clock, s->at, len, local_to_wall(clock, local));
    }
    struct span rest = span_skip(*s, len);
    int us = take_fraction(&rest); /* journalctl -o short-precise */
    if (!span_take(&rest, SPAN(" ")))
        return false;
    *ret = clock->seconds + us;
    *s = rest;
    return true;
}

bool syslog_date_rfc3164(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    if (s->len <= RFC3164_LEN || s->at[RFC3164_LEN] != ' ' ||
        !from_cache(clock, s->at, RFC3164_LEN))
        return take_new_rfc3164(clock, s, ret);
    *ret = clock->seconds;
    *s = span_skip(*s, RFC3164_LEN + 1);
    return true;
}

/* "Z", "+01:00", "+0100"; seconds east of UTC. */
static bool take_zone(struct span *s, int *ret)
{
    int hours, minutes;
    size_t colon;

    if (s->len && (s->at[0] == 'Z' || s->at[0] == 'z')) {
        *s = span_skip(*s, 1);
        *ret = 0;
        return true;
    }
    if (s->len < 5 || (s->at[0] != '+' && s->at[0] != '-'))
        return false;
    colon = s->at[3] == ':';
    if (s->len < 5 + colon || !two_digits(s->at + 1, &hours) ||
        !two_digits(s->at + 3 + colon, &minutes) || hours > 15 || minutes > 59)
        return false;
    *ret = (hours * 60 + minutes) * 60 * (s->at[0] == '-' ? -1 : 1);
    *s = span_skip(*s, 5 + colon);
    return true;
}

/* "2023-03-14T00:00:31.185246+01:00 ": 19 bytes, fraction, zone, blank. Without a zone, as a custom
 * template may write it, it is local time. Runit's svlogd puts "_" for the "T", Grafana a tab for
 * the blank behind a zone. */
enum { RFC3339_LEN = 19 };

static bool read_rfc3339(const char *at, struct civil *c)
{
    int century, years;

    if (at[4] != '-' || at[7] != '-' ||
        (at[10] != 'T' && at[10] != 't' && at[10] != ' ' && at[10] != '_') ||
        !two_digits(at, &century) || !two_digits(at + 2, &years) ||
        !two_digits(at + 5, &c->month) || !two_digits(at + 8, &c->day) || !time_of_day(at + 11, c))
        return false;
    c->year = century * 100 + years;
    return c->year >= 1970 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= when_days_in_month(c->year, c->month);
}

bool syslog_date_rfc3339(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    struct civil c = {0};
    int east = 0, us;

    if (s->len <= RFC3339_LEN)
        return false;
    if (!from_cache(clock, s->at, RFC3339_LEN)) {
        if (!read_rfc3339(s->at, &c))
            return false;
        to_cache(clock, s->at, RFC3339_LEN, when_from_civil(&c));
    }
    struct span rest = span_skip(*s, RFC3339_LEN);
    us = take_fraction(&rest);
    bool local = rest.len && rest.at[0] == ' ';
    if ((!local && !take_zone(&rest, &east)) ||
        (!span_take(&rest, SPAN(" ")) && !span_take(&rest, SPAN("\t"))))
        return false;
    *ret = us + (local ? local_to_wall(clock, clock->seconds) : clock->seconds - east * US_PER_S);
    *s = rest;
    return true;
}

size_t syslog_date_common(struct syslog_clock *clock, struct span line, wall_us *ret)
{
    struct span s = line;
    bool has_date = s.len && is_digit(s.at[0]) ? syslog_date_rfc3339(clock, &s, ret)
                                               : syslog_date_rfc3164(clock, &s, ret);

    return has_date ? line.len - s.len : 0;
}

/* "2013 Jun 10 06:27:30.123 ": the year before an RFC 3164 date. */
bool syslog_date_year_first(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    struct civil c = {0};
    struct span rest = *s;
    uint64_t year;

    if (s->len < 5 + RFC3164_LEN + 1 || !span_take_number(&rest, &year) || year < 1970 ||
        year > 9999 || !span_take(&rest, SPAN(" ")) || rest.len <= RFC3164_LEN ||
        !month_day_time(rest.at, &c))
        return false;
    c.year = (int)year;
    if (c.day > when_days_in_month(c.year, c.month))
        return false;
    rest = span_skip(rest, RFC3164_LEN);
    int us = take_fraction(&rest);
    if (!span_take(&rest, SPAN(" ")))
        return false;
    *ret = local_to_wall(clock, when_from_civil(&c)) + us;
    *s = rest;
    return true;
}

/* "1714978800.123456 ", from journalctl -o short-unix; "1714978800 " from a template of rsyslog's.
 * Ten digits then, as a shorter number may be anything. */
bool syslog_date_unix(struct span *s, wall_us *ret)
{
    struct span rest = *s;
    uint64_t seconds;

    if (!span_take_number(&rest, &seconds) || seconds < 100000000 || seconds > 99999999999 ||
        rest.len == 0 || (rest.at[0] != '.' && s->len - rest.len != 10))
        return false;
    int us = take_fraction(&rest);
    if (!span_take(&rest, SPAN(" ")))
        return false;
    *ret = (wall_us)seconds * US_PER_S + us;
    *s = rest;
    return true;
}

/* Exactly that many of 0-9 and a-f. */
static bool take_hex(struct span *s, size_t digits, uint64_t *ret)
{
    uint64_t n = 0;

    if (s->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = s->at[i];
        if (!is_digit(c) && (c < 'a' || c > 'f'))
            return false;
        n = n * 16 + (uint64_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ret = n;
    *s = span_skip(*s, digits);
    return true;
}

/* "@400000006b0c81843474bbdc ": 2^62 and TAI's seconds, and nanoseconds. multilog and svlogd count
 * TAI as ten seconds more than UTC; s6-log also counts leap seconds, so that its stamps are read as
 * 27 s late. */
bool syslog_date_tai64n(struct span *s, wall_us *ret)
{
    const uint64_t begin = ((uint64_t)1 << 62) + 10;
    struct span rest = *s;
    uint64_t seconds, ns;

    if (!span_take(&rest, SPAN("@")) || !take_hex(&rest, 16, &seconds) ||
        !take_hex(&rest, 8, &ns) || seconds < begin || seconds - begin > 99999999999 ||
        ns > 999999999 || !span_take(&rest, SPAN(" ")))
        return false;
    *ret = (wall_us)(seconds - begin) * US_PER_S + (wall_us)(ns / 1000);
    *s = rest;
    return true;
}

/* "Mon ": the weekday is only skipped, so a wrong one does no harm. */
static bool take_weekday(struct span *s)
{
    static const char names[] = "MonTueWedThuFriSatSun";

    if (s->len < 4 || s->at[3] != ' ')
        return false;
    for (int i = 0; i < 7; i++)
        if (memcmp(s->at, names + 3 * i, 3) == 0) {
            *s = span_skip(*s, 4);
            return true;
        }
    return false;
}

/* "UTC ", "+03 ", "CEST "; *ret_known is false for a name, which means the log's own zone. */
static bool take_zone_name(struct span *s, int *ret_east, bool *ret_known)
{
    ptrdiff_t end = span_find(span_head(*s, s->len < 8 ? s->len : 8), ' ');
    int hours = 0;

    if (end <= 0)
        return false;
    bool offset = end == 3 && (s->at[0] == '+' || s->at[0] == '-') && two_digits(s->at + 1, &hours);
    for (ptrdiff_t i = 0; i < end && !offset; i++)
        if (s->at[i] < 'A' || s->at[i] > 'Z')
            return false;
    *ret_east = hours * 3600 * (s->at[0] == '-' ? -1 : 1);
    *ret_known = offset || span_equal(span_head(*s, (size_t)end), SPAN("UTC"));
    *s = span_skip(*s, (size_t)end + 1);
    return true;
}

/* "Mon 2024-05-06 09:00:00 CEST ", after its weekday: journalctl -o short-full. */
static bool take_short_full(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    struct span rest = *s;
    struct civil c = {0};
    bool known;
    int east;

    if (rest.len <= RFC3339_LEN || !read_rfc3339(rest.at, &c))
        return false;
    rest = span_skip(rest, RFC3339_LEN);
    int us = take_fraction(&rest);
    if (!span_take(&rest, SPAN(" ")) || !take_zone_name(&rest, &east, &known))
        return false;
    wall_us when = when_from_civil(&c);
    *ret = (known ? when - east * US_PER_S : local_to_wall(clock, when)) + us;
    *s = rest;
    return true;
}

/* "Mon May  6 09:00:00 2024 ", after its weekday: OpenWrt's logread. */
static bool take_year_last(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    struct civil c = {0};
    size_t len = read_rfc3164(*s, &c);
    struct span rest = span_skip(*s, len);
    uint64_t year;

    if (len == 0 || !span_take(&rest, SPAN(" ")) || !span_take_number(&rest, &year) ||
        year < 1970 || year > 9999 || !span_take(&rest, SPAN(" ")))
        return false;
    c.year = (int)year;
    if (c.day > when_days_in_month(c.year, c.month))
        return false;
    *ret = local_to_wall(clock, when_from_civil(&c));
    *s = rest;
    return true;
}

bool syslog_date_weekday_first(struct syslog_clock *clock, struct span *s, wall_us *ret,
                               bool *ret_has_host)
{
    struct span rest = *s;

    if (!take_weekday(&rest))
        return false;
    *ret_has_host = take_short_full(clock, &rest, ret);
    if (!*ret_has_host && !take_year_last(clock, &rest, ret))
        return false;
    *s = rest;
    return true;
}

bool syslog_date_skip(struct span *s)
{
    struct civil unused = {0};
    struct span rest = *s;
    size_t len = read_rfc3164(rest, &unused);
    int east;

    if (len == 0) {
        if (rest.len <= RFC3339_LEN || !read_rfc3339(rest.at, &unused))
            return false;
        len = RFC3339_LEN;
    }
    rest = span_skip(rest, len);
    take_fraction(&rest);
    if (len == RFC3339_LEN)
        take_zone(&rest, &east);
    if (!span_take(&rest, SPAN(" ")))
        return false;
    *s = rest;
    return true;
}
