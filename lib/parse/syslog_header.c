/* SPDX-License-Identifier: MIT */
#include "parse/syslog_header.h"

#include "parse/program.h"
#include "parse/syslog_wrap.h"
#include "parse/text_cut.h"

/* A date, a host and a tag. */
enum { SHORTEST = 20 };

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
    ret->text = syslog_wrap_within(s);
    return true;
}

/* "- ", or [id key="va\"l]ue"]... of which a blank outside quotes and after "]" is the end. */
static bool skip_structured_data(struct span *s)
{
    bool quoted = false;
    size_t i = 0;

    if (span_take(s, SPAN("-")))
        return s->len == 0 || span_take(s, SPAN(" "));
    if (!span_starts(*s, SPAN("[")))
        return false;
    for (; i < s->len; i++) {
        if (quoted && s->at[i] == '\\')
            i++;
        else if (s->at[i] == '"')
            quoted = !quoted;
        else if (!quoted && s->at[i] == ' ' && s->at[i - 1] == ']')
            break;
    }
    if (i >= s->len)
        return false;
    *s = span_skip(*s, i + 1);
    return true;
}

/* After "<22>1 ": "TS host APP-NAME PROCID MSGID SD text"; "-" stands for what is missing. */
static bool parse_rfc5424(struct syslog_clock *clock, struct span s, struct syslog_header *ret)
{
    struct span procid, msgid;
    uint64_t pid = 0;

    if (!syslog_date_rfc3339(clock, &s, &ret->when) || !take_word(&s, &ret->host) ||
        !take_word(&s, &ret->tag) || !take_word(&s, &procid) || !take_word(&s, &msgid) ||
        !skip_structured_data(&s))
        return false;
    if (procid.len && is_digit(procid.at[0]))
        span_take_number(&procid, &pid);
    ret->pid = (uint32_t)pid;
    span_take(&s, SPAN(" ")); /* rsyslog's text begins with what followed the tag's colon */
    span_take(&s, SPAN("\xef\xbb\xbf"));
    ret->text = syslog_wrap_within(s);
    ret->prefix = -1;
    ret->prefix_new = false;
    return true;
}

/* s follows "[": "123]: text". */
static bool take_pid(struct span s, struct syslog_header *ret)
{
    uint64_t word = s.len >= 11 ? swar_load(s.at) : 0;
    unsigned digits = swar_digits(word);

    if (digits == 0 || digits == 8 || memcmp(s.at + digits, "]: ", 3) != 0)
        return false; /* take_tag reads it */
    ret->pid = swar_decimal(word, digits);
    s = span_skip(s, digits + 3);
    ret->text = syslog_wrap_within(s);
    return true;
}

/* Recognises "host tag" as a whole, if it has been parsed before. */
static bool take_known_prefix(const struct syslog_clock *clock, struct span s,
                              struct syslog_header *ret)
{
    struct span head = span_head(s, s.len < SYSLOG_PREFIX_MAX ? s.len : SYSLOG_PREFIX_MAX);
    ptrdiff_t open = span_find(head, '[');

    if (open < 8)
        return false;
    unsigned slot = syslog_prefix_slot(swar_load(s.at), swar_load(s.at + open - 8));
    struct syslog_prefix *prefix = &clock->prefix[slot];
    ret->prefix = (int)slot;
    ret->prefix_new = prefix->len != open || memcmp(prefix->at, s.at, (size_t)open) != 0;
    if (ret->prefix_new)
        return false;
    ret->host = span_head(s, prefix->host_len);
    ret->tag = span_of(s.at + prefix->host_len + 1, (size_t)open - prefix->host_len - 1u);
    return take_pid(span_skip(s, (size_t)open + 1), ret);
}

/* Remembers "host tag" under its number, replacing the one that had it. */
static void keep_prefix(const struct syslog_clock *clock, struct span s, struct syslog_header *h)
{
    struct syslog_prefix *prefix = &clock->prefix[h->prefix];
    size_t len = h->host.len + 1 + h->tag.len;

    /* A wrapper's header may be replaced by the line inside, so its number would never be seen. And
     * where labels end ("{x="}"), only the rest of a line tells. */
    if (syslog_wrap_tag(h->tag) || s.at[0] == '{' || h->host.at != s.at ||
        h->tag.at != s.at + h->host.len + 1 || len > SYSLOG_PREFIX_MAX) {
        h->prefix = -1; /* it can't be kept under that number */
        return;
    }
    prefix->len = (uint8_t)len;
    prefix->host_len = (uint8_t)h->host.len;
    memcpy(prefix->at, s.at, len);
}

/* "INFO    tag[pid]: text", as containers of bokysan/docker-postfix log to their output. */
static bool take_tag_after_severity(struct span s, struct syslog_header *ret)
{
    while (span_take(&s, SPAN(" ")))
        ;
    ret->host = SPAN("-");
    ret->prefix = -1;
    return take_tag(s, ret);
}

/* "host tag[pid]: text", with FreeBSD's "<mail.info> " before the host or BusyBox's "mail.info "
 * after it; ret->prefix is the number under which to keep it, or -1. */
static __attribute__((noinline)) bool parse_new_prefix(const struct syslog_clock *clock,
                                                       struct span s, struct syslog_header *ret)
{
    struct span whole = s;

    if (s.len && s.at[0] == '<') {
        ptrdiff_t end = span_find(s, '>');
        if (end < 0 || (size_t)end + 2 > s.len || s.at[end + 1] != ' ')
            return false;
        s = span_skip(s, (size_t)end + 2);
    }
    struct span after_date = s;
    if (syslog_wrap_take_forwarded(&s, &ret->host)) {
        ret->prefix = -1;
        return take_tag(s, ret);
    }
    if (!take_word(&s, &ret->host))
        return false;
    /* BusyBox's syslogd -S names no host. */
    if (span_ends(ret->host, SPAN("]:")) && take_tag(after_date, ret)) {
        ret->host = SPAN("-");
        ret->prefix = -1;
        return true;
    }
    if (syslog_wrap_is_severity(ret->host))
        return take_tag_after_severity(s, ret);
    if (syslog_date_skip(&(struct span){s.at, s.len})) /* of RFC 3339, which has a colon, too */
        return false;
    if (syslog_wrap_skip_aix(&s))
        syslog_wrap_take_forwarded(&s, &ret->host);
    if (!take_tag(s, ret) && (!syslog_wrap_skip_priority(&s) || !take_tag(s, ret)))
        return false;
    if (ret->prefix >= 0)
        keep_prefix(clock, whole, ret);
    return true;
}

static inline bool parse_rest(const struct syslog_clock *clock, struct span s,
                              struct syslog_header *ret)
{
    ret->prefix = -1;
    ret->prefix_new = false;
    if (clock->prefix && take_known_prefix(clock, s, ret))
        return true;
    return parse_new_prefix(clock, s, ret);
}

/* OpenWrt's logread: "mail.info tag[pid]: text", all from the one machine it runs on. */
static bool parse_without_host(struct span s, struct syslog_header *ret)
{
    ret->prefix = -1;
    ret->prefix_new = false;
    ret->host = SPAN("-");
    return syslog_wrap_skip_priority(&s) && take_tag(s, ret);
}

/* macOS, after one more blank: "(library) text". */
static __attribute__((noinline)) void unwrap_macos(struct syslog_header *ret)
{
    struct span text = ret->text;
    ptrdiff_t end = span_take(&text, SPAN("(")) ? span_find(text, ')') : -1;

    if (end < 0)
        return;
    text = span_skip(text, (size_t)end + 1);
    span_take(&text, SPAN(" "));
    ret->text = text;
}

/* A date with its year, and what may stand between it and the host. */
static __attribute__((noinline)) bool take_full_date(struct syslog_clock *clock, struct span *s,
                                                     struct syslog_header *ret, bool *ret_macos)
{
    if (!syslog_date_rfc3339(clock, s, &ret->when) &&
        !syslog_date_year_first(clock, s, &ret->when) && !syslog_date_unix(s, &ret->when))
        return false;
    *ret_macos = span_take(s, SPAN(" "));
    /* A container puts a time stamp with year and zone before the line's own: skip that. */
    if (syslog_wrap_is_cut(*s))
        return false;
    syslog_wrap_skip_stream(s);
    syslog_wrap_skip_socklog(s);
    if (!syslog_date_skip(s) && syslog_wrap_skip_stream_name(s))
        syslog_date_skip(s);
    return true;
}

/* "date host tag[pid]: text", with any of the dates. Inlined, since every line passes here. */
static inline __attribute__((always_inline)) bool
parse_dated(struct syslog_clock *clock, struct span s, struct syslog_header *ret)
{
    bool has_host = true, macos = false;

    if (s.len && is_digit(s.at[0])) {
        if (!take_full_date(clock, &s, ret, &macos))
            return false;
    } else if (!syslog_date_rfc3164(clock, &s, &ret->when)) {
        if (!syslog_date_weekday_first(clock, &s, &ret->when, &has_host))
            return false;
        if (!has_host)
            return parse_without_host(s, ret);
    }
    if (!parse_rest(clock, s, ret))
        return false;
    if (macos)
        unwrap_macos(ret);
    return true;
}

/* "<22>" */
static bool take_priority(struct span *s)
{
    uint64_t priority;

    return span_take(s, SPAN("<")) && span_take_number(s, &priority) && priority <= 191 &&
           span_take(s, SPAN(">"));
}

/* "<22>" and, after it, RFC 5424's version 1 or an older form. */
static __attribute__((noinline)) bool parse_priority(struct syslog_clock *clock, struct span s,
                                                     struct syslog_header *ret)
{
    if (!take_priority(&s))
        return false;
    if (span_take(&s, SPAN("1 ")))
        return parse_rfc5424(clock, s, ret);
    return parse_dated(clock, s, ret);
}

/* "1 TS host APP-NAME PROCID ...", "TS host APP-NAME PROCID ...": RFC 5424 without what a template
 * left out. The process is "-" or a number, as nothing else tells the form from words. */
static bool parse_bare_rfc5424(struct syslog_clock *clock, struct span line,
                               struct syslog_header *ret)
{
    struct span rest, host, tag, procid;
    uint64_t pid;

    span_take(&line, SPAN("1 "));
    rest = line;
    return syslog_date_skip(&rest) && take_word(&rest, &host) && take_word(&rest, &tag) &&
           take_word(&rest, &procid) &&
           (span_equal(procid, SPAN("-")) || (span_take_number(&procid, &pid) && !procid.len)) &&
           parse_rfc5424(clock, line, ret);
}

/* "83 <22>...": the length that precedes a line over TCP (RFC 6587). */
static bool parse_counted(struct syslog_clock *clock, struct span line, struct syslog_header *ret)
{
    uint64_t octets;

    return span_take_number(&line, &octets) && span_take(&line, SPAN(" ")) &&
           span_starts(line, SPAN("<")) && parse_priority(clock, line, ret);
}

static bool take_date(struct syslog_clock *clock, struct span *s, wall_us *ret)
{
    return s->len && is_digit(s->at[0]) ? syslog_date_rfc3339(clock, s, ret)
                                        : syslog_date_rfc3164(clock, s, ret);
}

/* "date relay date host tag[pid]: text", "date relay <22>date ...": what a relay wrote that kept
 * the header it got. Its time is by one clock for all hosts, but where only the line's has year and
 * zone, that counts. */
static bool parse_relayed(struct syslog_clock *clock, struct span line, struct syslog_header *ret)
{
    struct span s = line, dated, inner, relay;
    wall_us outer;

    if (!take_date(clock, &s, &outer))
        return false;
    dated = s;
    if (!syslog_date_skip(&dated) && !(take_word(&s, &relay) && syslog_wrap_is_host(relay)))
        return false;
    bool has_version = span_starts(s, SPAN("<")) && take_priority(&s) && span_take(&s, SPAN("1 "));
    inner = s;
    if (has_version ? !parse_rfc5424(clock, s, ret)
                    : !take_date(clock, &s, &ret->when) || !parse_rest(clock, s, ret))
        return false;
    if (is_digit(line.at[0]) || !is_digit(inner.at[0]))
        ret->when = outer;
    return true;
}

/* A container's line in the line of its runtime: "date host docker[1]: date mail postfix/smtp[2]:
 * text". Keeps the outer time, which is by the same clock as the host's other lines. Unwraps once,
 * and only after a runtime's tag: Postfix's own text, which strangers write, is never taken for a
 * line. The inner host and tag get no number, which keeps ordinary lines fast. */
static __attribute__((noinline)) void unwrap_container(const struct syslog_clock *clock,
                                                       struct syslog_header *ret)
{
    struct syslog_header inner = {.when = ret->when, .prefix = -1};
    struct span s = ret->text, instance;

    if (!syslog_wrap_tag(ret->tag))
        return;
    syslog_wrap_skip_container(&s);
    if (!syslog_date_skip(&s) || !parse_new_prefix(clock, s, &inner) ||
        program_of_tag(inner.tag, &instance) == PROGRAM_NONE)
        return;
    if (span_equal(inner.host, SPAN("-"))) /* it names none */
        inner.host = ret->host;
    *ret = inner;
}

static __attribute__((noinline)) bool parse_inner(struct syslog_clock *clock, struct span line,
                                                  struct syslog_header *ret)
{
    return parse_dated(clock, line, ret);
}

/* A date in the line comes first: multilog's and s6-log's stamps differ. */
static bool parse_after_tai64n(struct syslog_clock *clock, struct span line,
                               struct syslog_header *ret)
{
    wall_us when;

    if (!syslog_date_tai64n(&line, &when))
        return false;
    syslog_wrap_skip_socklog(&line);
    if (parse_inner(clock, line, ret))
        return true;
    ret->when = when;
    return parse_rest(clock, line, ret);
}

/* "web-1  | date host tag[pid]: text": what compose and kubectl put before a container's line, and
 * other unusual forms. */
static __attribute__((noinline)) bool parse_other_form(struct syslog_clock *clock, struct span line,
                                                       struct syslog_header *ret)
{
    struct span rest = line;

    if (is_digit(line.at[0]) &&
        (parse_bare_rfc5424(clock, line, ret) || parse_counted(clock, line, ret)))
        return true;
    if (parse_relayed(clock, line, ret))
        return true;
    return (syslog_wrap_skip_container(&rest) && parse_inner(clock, rest, ret)) ||
           parse_after_tai64n(clock, line, ret) ||
           (syslog_wrap_skip_other(&line) && parse_inner(clock, line, ret));
}

static __attribute__((noinline)) struct span without_blanks(struct span line)
{
    return text_trim_end(line);
}

bool syslog_header_parse(struct syslog_clock *clock, struct span line, struct syslog_header *ret)
{
    bool ok;

    if (line.len && line.at[line.len - 1] <= ' ')
        line = without_blanks(line);
    if (line.len < SHORTEST)
        return false;
    if (line.at[0] == '<')
        ok = parse_priority(clock, line, ret);
    else
        ok = parse_dated(clock, line, ret) || parse_other_form(clock, line, ret);
    if (!ok)
        return false;
    if (ret->prefix < 0) /* keep_prefix gives no number to a runtime's tag */
        unwrap_container(clock, ret);
    clock->last = ret->when;
    return true;
}

bool syslog_header_peek(const struct syslog_clock *clock, struct span line,
                        struct syslog_header *ret)
{
    enum { RFC3164_LEN = 15 };
    ptrdiff_t blank = RFC3164_LEN;

    if (line.len < SHORTEST)
        return false;
    if (is_digit(line.at[0]))
        blank = span_find(line, ' ');
    if (blank < 0 || line.at[blank] != ' ')
        return false;
    return take_known_prefix(clock, span_skip(line, (size_t)blank + 1), ret);
}
