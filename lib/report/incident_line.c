/* SPDX-License-Identifier: MIT */
#include "report/incident_line.h"

#include <stdlib.h>

#include "base/buf.h"
#include "report/incident.h"

/* The values are cut so that a line always fits, whatever strangers put into them. A reason holds
 * one of these values, cut itself, and has all its figures. */
enum { LINE_MAX_BYTES = 1800, VALUE_MAX = 110, REASON_MAX = 320 };

/* Printable ASCII, with quotes and backslashes escaped. */
static void add_escaped(struct buf *buf, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"' || c == '\\')
            buf_printf(buf, "\\%c", c);
        else
            buf_printf(buf, "%c", c >= ' ' && c < 0x7f ? c : '?');
    }
}

/* name="value", cut in its middle beyond `max`. */
static void add_quoted_upto(struct buf *buf, const char *name, struct span value, size_t max)
{
    size_t head, tail;

    view_cut(value, max, &head, &tail);
    buf_printf(buf, " %s=\"", name);
    add_escaped(buf, span_head(value, head));
    if (head < value.len)
        buf_add_str(buf, "...");
    add_escaped(buf, span_skip(value, value.len - tail));
    buf_add_str(buf, "\"");
}

static void add_quoted(struct buf *buf, const char *name, struct span value)
{
    add_quoted_upto(buf, name, value, VALUE_MAX);
}

/* The most frequent text only: a line has no room for lists. */
static void add_top(struct buf *buf, const char *name, const struct tally *tally)
{
    if (tally->count)
        add_quoted(buf, name, intern_span(tally->entry[0].text));
}

char *incident_line(const struct incident_view *view, enum incident_event event)
{
    const struct incident *incident = view->incident;
    struct buf buf = buf_new(LINE_MAX_BYTES);
    const struct totals *t = &view->totals;
    char first[WHEN_TEXT_MAX], last[WHEN_TEXT_MAX], crossed[VIEW_TEXT_MAX];

    buf_printf(&buf, "%s %s id=%s%s%s", kind_name(incident->kind), incident_event_name(event),
               incident->id, incident->told_as[0] ? " told_as=" : "", incident->told_as);
    add_quoted(&buf, key_type_name(view->key_type), intern_span(incident->key_text));
    add_quoted(&buf, "host", intern_span(incident->host_name));
    if (incident->cause != CAUSE_NONE)
        buf_printf(&buf, " cause=%s", cause_name(incident->cause));
    buf_printf(&buf,
               " messages=%llu recipients=%llu sent=%llu deferred=%llu bounced=%llu queued=%llu"
               " held=%llu undecided=%llu notices=%llu clients=%llu first=%s last=%s",
               (unsigned long long)t->messages, (unsigned long long)t->recipients,
               (unsigned long long)t->sent, (unsigned long long)t->deferred,
               (unsigned long long)t->bounced, (unsigned long long)t->queued,
               (unsigned long long)t->held, (unsigned long long)t->undecided,
               (unsigned long long)t->notices, (unsigned long long)view->clients,
               when_print(t->first_s * US_PER_S, first), when_print(t->last_s * US_PER_S, last));
    if (incident->close_reason)
        add_quoted(&buf, "close_reason", intern_span(incident->close_reason));
    if (incident->reopened)
        buf_printf(&buf, " reopened=%u", incident->reopened);
    /* What came since the last alert, for those who read every line. */
    if (event == INCIDENT_UPDATED || event == INCIDENT_OVER)
        buf_printf(&buf, " more=%llu",
                   (unsigned long long)(t->recipients + t->notices - incident->alerted_recipients));
    add_top(&buf, "client_top", &view->client_names);
    add_top(&buf, "sender_domain_top", &view->sender_domains);
    if (*crossing_text(&incident->crossing, crossed))
        add_quoted(&buf, "crossed", span_str(crossed));
    add_quoted_upto(&buf, "reason", span_str(view->reason), REASON_MAX);
    if (buf.failed) { /* no memory: the bounds on values keep the line within its room */
        buf_done(&buf);
        return NULL;
    }
    return buf.at;
}
