/* SPDX-License-Identifier: MIT */
#include "parse/syslog_wrap.h"

bool syslog_wrap_is_container_id(struct span tag)
{
    if (tag.len != 12)
        return false;
    for (size_t i = 0; i < tag.len; i++)
        if (!is_digit(tag.at[i]) && (tag.at[i] < 'a' || tag.at[i] > 'f'))
            return false;
    return true;
}

bool syslog_wrap_tag(struct span tag)
{
    static const struct span runtimes[] = {SPAN("docker"), SPAN("dockerd"), SPAN("containerd"),
                                           SPAN("podman"), SPAN("conmon")};

    if (syslog_wrap_is_container_id(tag))
        return true;
    for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++) {
        struct span rest = tag;
        /* "docker/NAME", "docker/IMAGE/NAME": --log-opt tag= as Docker's manual has it. */
        if (span_take(&rest, runtimes[i]) && (rest.len == 0 || rest.at[0] == '/'))
            return true;
    }
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

bool syslog_wrap_skip_container(struct span *s)
{
    return skip_pod(s) || skip_compose(s);
}

bool syslog_wrap_skip_stream(struct span *s)
{
    return span_take(s, SPAN("stdout F ")) || span_take(s, SPAN("stderr F "));
}

bool syslog_wrap_skip_priority(struct span *s)
{
    static const struct span priorities[] = {SPAN("emerg"),  SPAN("alert"), SPAN("crit"),
                                             SPAN("err"),    SPAN("warn"),  SPAN("warning"),
                                             SPAN("notice"), SPAN("info"),  SPAN("debug")};
    ptrdiff_t blank = span_find(span_head(*s, s->len < 20 ? s->len : 20), ' ');
    ptrdiff_t dot = blank > 0 ? span_find(span_head(*s, (size_t)blank), '.') : -1;

    if (dot <= 0)
        return false;
    struct span priority = span_of(s->at + dot + 1, (size_t)(blank - dot - 1));
    for (size_t i = 0; i < sizeof(priorities) / sizeof(*priorities); i++)
        if (span_equal(priority, priorities[i])) {
            *s = span_skip(*s, (size_t)blank + 1);
            return true;
        }
    return false;
}
