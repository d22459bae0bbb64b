/* SPDX-License-Identifier: MIT */
#include "parse/syslog_wrap.h"

#include "parse/syslog_date.h"

bool syslog_wrap_is_container_id(struct span tag)
{
    if (tag.len != 12)
        return false;
    for (size_t i = 0; i < tag.len; i++)
        if (!is_digit(tag.at[i]) && (tag.at[i] < 'a' || tag.at[i] > 'f'))
            return false;
    return true;
}

/* A container's name, as podman and --log-opt tag={{.Name}} have it: "postfix-mailcow-1",
 * "mailserver", "smtp_1". */
static bool is_container_name(struct span tag)
{
    static const struct span words[] = {SPAN("postfix"), SPAN("mail"), SPAN("smtp")};

    if (span_find(tag, '/') >= 0)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        for (size_t at = 0; at + words[i].len <= tag.len; at++)
            if (span_starts(span_skip(tag, at), words[i]))
                return true;
    return false;
}

bool syslog_wrap_tag(struct span tag)
{
    static const struct span runtimes[] = {SPAN("docker"),         SPAN("dockerd"),
                                           SPAN("docker-compose"), SPAN("containerd"),
                                           SPAN("podman"),         SPAN("conmon")};

    if (syslog_wrap_is_container_id(tag) || is_container_name(tag))
        return true;
    for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++) {
        struct span rest = tag;
        /* "docker/NAME", "docker/IMAGE/NAME": --log-opt tag= as Docker's manual has it. */
        if (span_take(&rest, runtimes[i]) && (rest.len == 0 || rest.at[0] == '/'))
            return true;
    }
    return false;
}

/* "mail.info"; AIX has a ":" instead of the dot */
static bool is_priority(struct span word, char between)
{
    static const struct span severities[] = {SPAN("emerg"),  SPAN("alert"), SPAN("crit"),
                                             SPAN("err"),    SPAN("warn"),  SPAN("warning"),
                                             SPAN("notice"), SPAN("info"),  SPAN("debug")};
    ptrdiff_t dot = span_find(word, between);

    if (dot <= 0)
        return false;
    word = span_skip(word, (size_t)dot + 1);
    for (size_t i = 0; i < sizeof(severities) / sizeof(*severities); i++)
        if (span_equal(word, severities[i]))
            return true;
    return false;
}

/* "[pod/postfix-0/postfix] ", from kubectl logs --prefix. */
static bool skip_pod(struct span *s)
{
    struct span rest = *s;

    if (!span_take(&rest, SPAN("[pod/")))
        return false;
    ptrdiff_t end = span_find(rest, ']');
    ptrdiff_t blank = span_find(rest, ' ');
    if (end <= 0 || blank != end + 1)
        return false;
    *s = span_skip(rest, (size_t)blank + 1);
    return true;
}

/* A single word before the bar: a longer text may be a stranger's, who could put a forged Postfix
 * line behind it. */
static bool skip_compose(struct span *s)
{
    struct span rest = span_head(*s, s->len < 80 ? s->len : 80);
    ptrdiff_t blank = span_find(rest, ' ');

    if (blank <= 0)
        return false;
    rest = span_skip(rest, (size_t)blank + 1);
    while (span_take(&rest, SPAN(" ")))
        ;
    if (!span_take(&rest, SPAN("| ")))
        return false;
    *s = span_skip(*s, (size_t)(rest.at - s->at));
    return true;
}

/* "/var/log/mail.log.2.gz:", from grep over several files; "/var/log/mail.log:17:", with -n. */
static bool skip_file(struct span *s)
{
    ptrdiff_t colon = span_find(span_head(*s, s->len < 200 ? s->len : 200), ':');
    uint64_t number;

    if (colon <= 0 || span_find(span_head(*s, (size_t)colon), ' ') >= 0)
        return false;
    *s = span_skip(*s, (size_t)colon + 1);
    struct span rest = *s;
    if (span_take_number(&rest, &number) && span_take(&rest, SPAN(":")))
        *s = rest;
    return s->len && s->at[0] != ' ';
}

/* "/var/log/mail.log-", "17-": grep's lines before and after a match. A date has to follow, as
 * names of files may hold "-" too. */
static bool skip_context(struct span *s)
{
    ptrdiff_t end = span_find(span_head(*s, s->len < 200 ? s->len : 200), ' ');

    for (ptrdiff_t i = 1; i < end; i++) {
        struct span name = span_head(*s, (size_t)i), rest = span_skip(*s, (size_t)i + 1),
                    dated = rest;
        if (s->at[i] != '-' || !syslog_date_skip(&dated))
            continue;
        if (!is_digit(name.at[0]) && span_find(name, '/') < 0 && span_find(name, '.') < 0)
            return false;
        *s = rest;
        return true;
    }
    return false;
}

/* "     17\t" from cat -n and nl, "     17 " from less -N, right-aligned to six or seven places:
 * else a number may be the year of "2013 Jun 10". */
static bool skip_number(struct span *s)
{
    enum { CAT = 6, LESS = 7 };
    struct span rest = *s;
    uint64_t number;

    while (span_take(&rest, SPAN(" ")))
        ;
    size_t blanks = s->len - rest.len;
    if (!span_take_number(&rest, &number))
        return false;
    size_t width = s->len - rest.len;
    if (!(width >= CAT && (blanks == 0 || width == CAT) && span_take(&rest, SPAN("\t"))) &&
        !(width >= LESS && (blanks == 0 || width == LESS) && span_take(&rest, SPAN(" "))))
        return false;
    *s = rest;
    return true;
}

/* "    ", "> ": from a page, or a letter, that the line was copied from. */
static bool skip_blanks(struct span *s)
{
    size_t len = s->len;

    while (s->len && (s->at[0] == ' ' || s->at[0] == '\t' || s->at[0] == '>'))
        *s = span_skip(*s, 1);
    return s->len < len;
}

/* The name of something in Kubernetes, and the blank after it. */
static bool take_kubernetes_name(struct span *s, struct span *ret)
{
    ptrdiff_t end = span_find(span_head(*s, s->len < 254 ? s->len : 254), ' ');

    for (ptrdiff_t i = 0; i < end; i++)
        if (!is_digit(s->at[i]) && (s->at[i] < 'a' || s->at[i] > 'z') &&
            (i == 0 || (s->at[i] != '-' && s->at[i] != '.')))
            return false;
    if (end <= 0)
        return false;
    *ret = span_head(*s, (size_t)end);
    *s = span_skip(*s, (size_t)end + 1);
    return true;
}

/* "postfix-0 postfix ", with the namespace before it if there is more than one; the pod's name
 * always has a "-". A date has to follow. */
static bool skip_stern(struct span *s)
{
    struct span rest = *s, pod, container, dated;

    if (!take_kubernetes_name(&rest, &pod))
        return false;
    for (int names = 1; names < 3; names++) {
        span_take(&rest, SPAN("\xe2\x80\xba ")); /* an arrow, in older versions */
        if (!take_kubernetes_name(&rest, &container))
            return false;
        dated = rest;
        if (span_find(pod, '-') > 0 && (syslog_date_skip(&dated) || span_starts(rest, SPAN("<")))) {
            *s = rest;
            return true;
        }
        pod = container;
    }
    return false;
}

bool syslog_wrap_is_time(struct span text)
{
    enum { SHORTEST = sizeof("1795492032") - 1 };

    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.at[i]) && !strchr("-:.TZ +", text.at[i]))
            return false;
    return text.len >= SHORTEST && is_digit(text.at[0]);
}

/* Cuts a column, and what ends it, off *s; false if there is none that is short. */
static bool take_column(struct span *s, char end, struct span *ret)
{
    ptrdiff_t len = span_find(span_head(*s, s->len < 255 ? s->len : 255), end);

    if (len < 0)
        return false;
    *ret = span_head(*s, (size_t)len);
    *s = span_skip(*s, (size_t)len + 1);
    return true;
}

/* What precedes a date: "1795492032185,", or tabs in between "2026-11-24 03:47:12",
 * "Mail.Info" and "192.0.2.7", from Kiwi. */
static bool skip_columns(struct span *s)
{
    enum { COLUMNS = 3 };
    struct span rest = *s, column, dated;

    if (s->len == 0 || !is_digit(s->at[0]))
        return false;
    if (!take_column(&rest, ',', &column) || !syslog_wrap_is_time(column)) {
        rest = *s;
        if (!take_column(&rest, '\t', &column) || !syslog_wrap_is_time(column))
            return false;
        for (int i = 1; i < COLUMNS; i++)
            if (!take_column(&rest, '\t', &column) || !syslog_wrap_is_host(column))
                return false;
    }
    dated = rest;
    if (!syslog_date_skip(&dated))
        return false;
    *s = rest;
    return true;
}

bool syslog_wrap_skip_container(struct span *s)
{
    return skip_pod(s) || skip_compose(s);
}

bool syslog_wrap_skip_other(struct span *s)
{
    return skip_number(s) || skip_blanks(s) || syslog_wrap_skip_socklog(s) || skip_context(s) ||
           skip_stern(s) || skip_columns(s) || skip_file(s);
}

bool syslog_wrap_skip_socklog(struct span *s)
{
    struct span rest = *s;
    ptrdiff_t blank = span_find(span_head(rest, rest.len < 20 ? rest.len : 20), ' ');

    if (blank <= 1 || rest.at[blank - 1] != ':')
        return false;
    struct span word = span_head(rest, (size_t)blank - 1);
    if (!is_priority(word, '.'))
        return false;
    *s = span_skip(rest, (size_t)blank + 1);
    return true;
}

bool syslog_wrap_is_severity(struct span word)
{
    static const struct span severities[] = {SPAN("INFO"),  SPAN("WARNING"), SPAN("NOTICE"),
                                             SPAN("ERR"),   SPAN("CRIT"),    SPAN("DEBUG"),
                                             SPAN("ALERT"), SPAN("EMERG")};

    for (size_t i = 0; i < sizeof(severities) / sizeof(*severities); i++)
        if (span_equal(word, severities[i]))
            return true;
    return false;
}

bool syslog_wrap_skip_stream(struct span *s)
{
    return span_take(s, SPAN("stdout F ")) || span_take(s, SPAN("stderr F "));
}

bool syslog_wrap_is_cut(struct span s)
{
    return span_starts(s, SPAN("stdout P ")) || span_starts(s, SPAN("stderr P "));
}

/* {filename="/var/log/mail.log", job="mail"}, padded with blanks */
static bool skip_labels(struct span *s)
{
    bool quoted = false;
    size_t i = 0;

    if (s->len == 0 || s->at[0] != '{')
        return false;
    for (; i < s->len && (quoted || s->at[i] != '}'); i++)
        if (s->at[i] == '"')
            quoted = !quoted;
        else if (quoted && s->at[i] == '\\')
            i++;
    if (i + 1 >= s->len || s->at[i + 1] != ' ')
        return false;
    *s = span_skip(*s, i + 1);
    while (span_take(s, SPAN(" ")))
        ;
    return true;
}

/* A word that a date follows would be a host if the date were a tag. Where a host and a tag follow,
 * as in most lines, one look at what follows the word is enough. */
bool syslog_wrap_skip_stream_name(struct span *s)
{
    ptrdiff_t blank = span_find(*s, ' ');

    if (blank <= 0 || (size_t)blank + 1 >= s->len)
        return false;
    struct span rest = span_skip(*s, (size_t)blank + 1), dated = rest;
    if (s->at[0] == '{')
        return skip_labels(s);
    if (rest.at[0] == ' ' || rest.at[0] == '|')
        return skip_compose(s);
    if (rest.at[0] > 'S' || !syslog_date_skip(&dated)) /* September is the last of months */
        return false;
    *s = rest;
    return true;
}

static bool skip_priority(struct span *s, char between)
{
    enum { LONGEST = sizeof("auth|security:warning ") - 1 };
    ptrdiff_t blank = span_find(span_head(*s, s->len < LONGEST ? s->len : LONGEST), ' ');

    if (blank <= 0 || !is_priority(span_head(*s, (size_t)blank), between))
        return false;
    *s = span_skip(*s, (size_t)blank + 1);
    return true;
}

bool syslog_wrap_skip_priority(struct span *s)
{
    return skip_priority(s, '.');
}

bool syslog_wrap_skip_aix(struct span *s)
{
    return skip_priority(s, ':');
}

bool syslog_wrap_take_forwarded(struct span *s, struct span *ret_host)
{
    struct span rest = *s;

    if (!span_take(&rest, SPAN("Message forwarded from ")))
        return false;
    ptrdiff_t blank = span_find(rest, ' ');
    if (blank <= 1 || rest.at[blank - 1] != ':' ||
        !syslog_wrap_is_host(span_head(rest, (size_t)blank - 1)))
        return false;
    *ret_host = span_head(rest, (size_t)blank - 1);
    *s = span_skip(rest, (size_t)blank + 1);
    return true;
}

bool syslog_wrap_is_host(struct span word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i], lower = (char)(c | 0x20);
        if (!is_digit(c) && (lower < 'a' || lower > 'z') && !strchr(".-:_/@[]", c))
            return false;
    }
    return word.len > 0;
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

struct span syslog_wrap_text(struct span text)
{
    return unwrap_solaris(unwrap_repeated(text));
}
