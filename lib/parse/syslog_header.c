/* SPDX-License-Identifier: MIT */
#include "parse/syslog_header.h"

#include "base/hash.h"

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
    clock->stamp_len = (uint8_t)len;
    clock->seconds = seconds;
}

/* Asking for the zone is slow, so its answer is kept. */
static wall_us local_to_wall(struct syslog_clock *clock, const struct civil *c)
{
    wall_us local = when_from_civil(c);
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

static bool take_rfc3164(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    struct civil c = {0};

    if (s->len <= RFC3164_LEN || s->at[RFC3164_LEN] != ' ')
        return false;
    if (!from_cache(clock, s->at, RFC3164_LEN)) {
        if (!month_day_time(s->at, &c))
            return false;
        c.year = when_year_for(c.month, c.day, c.hour, c.minute, c.second, clock->reference);
        if (c.day > when_days_in_month(c.year, c.month))
            return false;
        to_cache(clock, s->at, RFC3164_LEN, local_to_wall(clock, &c));
    }
    *ret = clock->seconds;
    *s = span_skip(*s, RFC3164_LEN + 1);
    return true;
}

/* ".185246": any number of digits, truncated to microseconds. */
static int take_fraction(struct span *s)
{
    int us = 0;
    size_t i = 1;

    if (s->len < 2 || s->at[0] != '.' || !is_digit(s->at[1]))
        return 0;
    for (int digits = 0; digits < 6; digits++)
        us = us * 10 + (i < s->len && is_digit(s->at[i]) ? s->at[i++] - '0' : 0);
    while (i < s->len && is_digit(s->at[i]))
        i++;
    *s = span_skip(*s, i);
    return us;
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

/* "2023-03-14T00:00:31.185246+01:00 ": 19 bytes, fraction, zone, blank. */
enum { RFC3339_LEN = 19 };

static bool take_rfc3339(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    struct civil c = {0};
    const char *at = s->at;
    int century, years, east, us;

    if (s->len <= RFC3339_LEN)
        return false;
    if (!from_cache(clock, at, RFC3339_LEN)) {
        if (at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != 't' && at[10] != ' ') ||
            !two_digits(at, &century) || !two_digits(at + 2, &years) ||
            !two_digits(at + 5, &c.month) || !two_digits(at + 8, &c.day) ||
            !time_of_day(at + 11, &c))
            return false;
        c.year = century * 100 + years;
        if (c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1 ||
            c.day > when_days_in_month(c.year, c.month))
            return false;
        to_cache(clock, at, RFC3339_LEN, when_from_civil(&c));
    }
    struct span rest = span_skip(*s, RFC3339_LEN);
    us = take_fraction(&rest);
    if (!take_zone(&rest, &east) || rest.len == 0 || rest.at[0] != ' ')
        return false;
    *ret = clock->seconds + us - east * US_PER_S;
    *s = span_skip(rest, 1);
    return true;
}

/* "2013 Jun 10 06:27:30.123 ": the year before an RFC 3164 date. */
static bool take_year_first(struct syslog_clock *clock, struct span *s, wall_us *ret)
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
    *ret = local_to_wall(clock, &c) + us;
    *s = rest;
    return true;
}

/* Cuts the next word and the blank after it off *s. */
static bool take_word(struct span *s, struct span *ret)
{
    ptrdiff_t blank = span_find(*s, ' ');

    if (blank <= 0)
        return false;
    *ret = span_head(*s, (size_t)blank);
    *s = span_skip(*s, (size_t)blank + 1);
    return true;
}

/* rsyslog: "message repeated N times: [ ORIGINAL]". The copies say nothing new about a message, so
 * the original counts once. */
static struct span unwrap_repeated(struct span text)
{
    struct span inner = text;
    uint64_t times;

    if (!span_take(&inner, SPAN("message repeated ")) || !span_take_number(&inner, &times) ||
        !span_take(&inner, SPAN(" times: [ ")))
        return text;
    if (inner.len && inner.at[inner.len - 1] == ']')
        inner.len--;
    return inner;
}

/* Solaris: "[ID 197553 mail.info] " before the text. */
static struct span unwrap_solaris(struct span text)
{
    struct span rest = text;

    if (!span_take(&rest, SPAN("[ID ")))
        return text;
    ptrdiff_t end = span_find(rest, ']');
    if (end < 0 || (size_t)end + 2 > rest.len || rest.at[end + 1] != ' ')
        return text;
    return span_skip(rest, (size_t)end + 2);
}

/* "postfix/smtpd[123]: text" or "postfix/smtpd: text". */
static bool take_tag(struct span s, struct syslog_header *ret)
{
    uint64_t pid = 0;
    size_t i = 0;

    static const char ends[256] = {['['] = 1, [':'] = 1, [' '] = 1};
    while (i < s.len && !ends[(uint8_t)s.at[i]])
        i++;
    if (i == 0 || i == s.len || s.at[i] == ' ')
        return false;
    ret->tag = span_head(s, i);
    s = span_skip(s, i);
    if (s.at[0] == '[') {
        s = span_skip(s, 1);
        if (!span_take_number(&s, &pid) || !span_take(&s, SPAN("]")))
            return false;
    }
    ret->pid = (uint32_t)pid;
    if (!span_take(&s, SPAN(":")))
        return false;
    span_take(&s, SPAN(" "));
    if (s.len && (s.at[0] == 'm' || s.at[0] == '[')) {
        s = unwrap_repeated(s);
        s = unwrap_solaris(s);
    }
    ret->text = s;
    return true;
}

/* After "<22>1 ": "TS host APP-NAME PROCID MSGID SD text"; "-" stands for what is missing. */
static bool parse_rfc5424(struct syslog_clock *clock, struct span s, struct syslog_header *ret)
{
    struct span procid, msgid;
    uint64_t pid = 0;

    if (!take_rfc3339(clock, &s, &ret->when) || !take_word(&s, &ret->host) ||
        !take_word(&s, &ret->tag) || !take_word(&s, &procid) || !take_word(&s, &msgid))
        return false;
    if (procid.len && is_digit(procid.at[0]))
        span_take_number(&procid, &pid);
    ret->pid = (uint32_t)pid;
    if (span_take(&s, SPAN("-"))) {
        if (s.len && !span_take(&s, SPAN(" ")))
            return false;
    } else {
        /* Structured data: [id key="va\"l]ue"]... A blank outside quotes and after "]" ends it. */
        bool quoted = false;
        size_t i = 0;
        for (; i < s.len; i++) {
            if (quoted && s.at[i] == '\\')
                i++;
            else if (s.at[i] == '"')
                quoted = !quoted;
            else if (!quoted && s.at[i] == ' ' && s.at[i - (i > 0)] == ']')
                break;
        }
        if (i >= s.len)
            return false;
        s = span_skip(s, i + 1);
    }
    span_take(&s, SPAN("\xef\xbb\xbf"));
    ret->text = unwrap_repeated(s);
    ret->prefix = -1;
    return true;
}

/* s follows "[": "123]: text". */
static bool take_pid(struct span s, struct syslog_header *ret)
{
    uint64_t word = s.len >= 11 ? swar_load(s.at) : 0;
    unsigned digits = swar_leading(swar_in_range(word, '0', '9'));

    if (digits == 0 || digits == 8 || memcmp(s.at + digits, "]: ", 3) != 0)
        return false; /* take_tag reads it */
    ret->pid = swar_decimal(word, digits);
    s = span_skip(s, digits + 3);
    if (s.len && (s.at[0] == 'm' || s.at[0] == '[')) {
        s = unwrap_repeated(s);
        s = unwrap_solaris(s);
    }
    ret->text = s;
    return true;
}

/* Only spreads: the caller compares the whole prefix. */
static unsigned prefix_slot(uint64_t first, uint64_t last)
{
    return hash_mix(first ^ HASH_ODD_1, last ^ HASH_ODD_2) % SYSLOG_PREFIXES;
}

/* Recognises "host tag" as a whole, if it has been taken apart before. */
static bool take_known_prefix(const struct syslog_clock *clock, struct span s,
                              struct syslog_header *ret)
{
    struct span head = span_head(s, s.len < SYSLOG_PREFIX_MAX ? s.len : SYSLOG_PREFIX_MAX);
    ptrdiff_t open = span_find(head, '[');

    if (open < 8)
        return false;
    /* Hosts differ in their first bytes, programs in their last. */
    unsigned slot = prefix_slot(swar_load(s.at), swar_load(s.at + open - 8));
    struct syslog_prefix *prefix = &clock->prefix[slot];
    ret->prefix = (int)slot;
    ret->prefix_new = prefix->len != open || memcmp(prefix->at, s.at, (size_t)open) != 0;
    if (ret->prefix_new)
        return false;
    ret->host = span_head(s, prefix->host_len);
    ret->tag = span_of(s.at + prefix->host_len + 1, (size_t)open - prefix->host_len - 1u);
    return take_pid(span_skip(s, (size_t)open + 1), ret);
}

/* Remembers "host tag" under its number, in place of the one that had it. */
static void keep_prefix(const struct syslog_clock *clock, struct span s, struct syslog_header *h)
{
    struct syslog_prefix *prefix = &clock->prefix[h->prefix];
    size_t len = h->host.len + 1 + h->tag.len;

    if (h->host.at != s.at || h->tag.at != s.at + h->host.len + 1 || len > SYSLOG_PREFIX_MAX) {
        h->prefix = -1; /* it can't be kept under that number */
        return;
    }
    prefix->len = (uint8_t)len;
    prefix->host_len = (uint8_t)h->host.len;
    memcpy(prefix->at, s.at, len);
}

/* "host tag[pid]: text", with FreeBSD's "<mail.info> " before the host. */
static bool parse_rest(const struct syslog_clock *clock, struct span s, struct syslog_header *ret)
{
    struct span whole = s;

    ret->prefix = -1;
    if (clock->prefix && take_known_prefix(clock, s, ret))
        return true;
    if (s.len && s.at[0] == '<') {
        ptrdiff_t end = span_find(s, '>');
        if (end < 0 || (size_t)end + 2 > s.len || s.at[end + 1] != ' ')
            return false;
        s = span_skip(s, (size_t)end + 2);
    }
    if (!take_word(&s, &ret->host) || !take_tag(s, ret))
        return false;
    if (ret->prefix >= 0)
        keep_prefix(clock, whole, ret);
    return true;
}

/* "date host tag[pid]: text", with any of the dates. */
static bool parse_dated(struct syslog_clock *clock, struct span s, struct syslog_header *ret)
{
    struct civil unused;

    if (s.len && is_digit(s.at[0])) {
        if (!take_rfc3339(clock, &s, &ret->when) && !take_year_first(clock, &s, &ret->when))
            return false;
        /* A container puts a time stamp with year and zone before the line's own: skip that. */
        if (s.len > RFC3164_LEN && month_day_time(s.at, &unused) && s.at[RFC3164_LEN] == ' ')
            s = span_skip(s, RFC3164_LEN + 1);
    } else if (!take_rfc3164(clock, &s, &ret->when)) {
        return false;
    }
    return parse_rest(clock, s, ret);
}

/* "mailserver | ", "smtp_1  | ": docker compose. Only one word: a sentence with a bar may be text
 * from a stranger, who could continue it with a forged line of Postfix. */
static bool skip_container(struct span *s)
{
    struct span name, rest = span_head(*s, s->len < 80 ? s->len : 80);

    if (!take_word(&rest, &name))
        return false;
    while (span_take(&rest, SPAN(" ")))
        ;
    if (!span_take(&rest, SPAN("| ")))
        return false;
    *s = span_skip(*s, (size_t)(rest.at - s->at));
    return true;
}

/* "<22>" and, after it, RFC 5424's version 1 or an older form. */
static bool parse_priority(struct syslog_clock *clock, struct span s, struct syslog_header *ret)
{
    uint64_t priority;

    s = span_skip(s, 1);
    if (!span_take_number(&s, &priority) || priority > 191 || !span_take(&s, SPAN(">")))
        return false;
    if (span_take(&s, SPAN("1 ")))
        return parse_rfc5424(clock, s, ret);
    return parse_dated(clock, s, ret);
}

bool syslog_header_parse(struct syslog_clock *clock, struct span line, struct syslog_header *ret)
{
    bool ok;

    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (line.len < RFC3164_LEN + 5)
        return false;
    if (line.at[0] == '<')
        ok = parse_priority(clock, line, ret);
    else
        ok = parse_dated(clock, line, ret) ||
             (skip_container(&line) && parse_dated(clock, line, ret));
    if (!ok)
        return false;
    clock->last = ret->when;
    return true;
}
