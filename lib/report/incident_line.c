/* SPDX-License-Identifier: MIT */
#include "report/incident_line.h"

#include <stdlib.h>

#include "base/buf.h"
#include "report/incident.h"
#include "report/severity.h"

/* The values are cut so that a line always fits, whatever strangers put into them. A reason holds
 * one of these values, cut itself, and has all its figures. */
enum {
    LINE_MAX_BYTES = 1800,
    VALUE_MAX = 110,
    REASON_MAX = 320,
    SIGNS_MAX = 150,
    SAID_VALUE_MAX = 64
};
/* Of the line's beginning, and of the key in it. */
enum { HEAD_MAX = 160, KEY_MIN = 12 };

/* Printable ASCII, with quotes and backslashes escaped. */
static void add_escaped(struct buf *buf, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"' || c == '\\')
            buf_printf(buf, "\\%c", c);
        else
            buf_printf(buf, "%c", printable_char(c));
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

/* What headers say stands behind all else, and only where the line has room for it. */
static void add_said(struct buf *buf, const char *name, const struct tally *tally)
{
    size_t most = strlen(name) + strlen(" =\"...\"") + 2 * SAID_VALUE_MAX;

    if (tally->count && !buf->failed && buf->len + most <= LINE_MAX_BYTES)
        add_quoted_upto(buf, name, intern_span(tally->entry[0].text), SAID_VALUE_MAX);
}

/* --- its beginning ---------------------------------------------------------------------------- */

/* How many bytes add_escaped makes of it. */
static size_t escaped_len(struct span text)
{
    size_t n = text.len;

    for (size_t i = 0; i < text.len; i++)
        n += text.at[i] == '"' || text.at[i] == '\\';
    return n;
}

/* The greatest length to cut a value to, so that it takes at most `room` bytes. */
static size_t fitting(struct span value, size_t room)
{
    size_t max = room < VALUE_MAX ? room : VALUE_MAX, head, tail;

    for (; max > KEY_MIN; max--) {
        view_cut(value, max, &head, &tail);
        size_t dots = head < value.len ? 3 : 0;
        if (escaped_len(span_head(value, head)) + escaped_len(span_skip(value, value.len - tail)) +
                dots <=
            room)
            break;
    }
    return max;
}

/* How many, by what the kind counts, and since when. */
static void print_amount(const struct incident_view *view, char *to, size_t size)
{
    const struct totals *t = &view->totals;
    char first[WHEN_TEXT_MAX], undecided[40] = "";

    if (t->undecided)
        snprintf(undecided, sizeof(undecided), " undecided=%llu", (unsigned long long)t->undecided);
    snprintf(to, size, " %s=%llu%s first=%s",
             view->incident->kind == KIND_BACKSCATTER_SOURCE   ? "notices"
             : view->incident->kind == KIND_BACKSCATTER_VICTIM ? "messages"
                                                               : "recipients",
             (unsigned long long)(view->incident->kind == KIND_BACKSCATTER_SOURCE ? t->notices
                                  : view->incident->kind == KIND_BACKSCATTER_VICTIM
                                      ? t->messages
                                      : t->recipients),
             undecided, when_print(t->first_s * US_PER_S, first));
}

/* What a telephone shows: kind, event, severity, who, how many, since when. */
static void add_head(struct buf *buf, const struct incident_view *view, enum incident_event event)
{
    const struct incident *incident = view->incident;
    struct span key = intern_span(incident->key_text);
    const char *name = key_type_name(view->key_type);
    char amount[160];

    print_amount(view, amount, sizeof(amount));
    buf_printf(buf, "%s %s severity=%s", kind_name(incident->kind), incident_event_name(event),
               severity_name(view->severity));
    size_t taken = buf->len + strlen(name) + strlen(" =\"\"") + strlen(amount);
    add_quoted_upto(buf, name, key,
                    fitting(key, taken + KEY_MIN < HEAD_MAX ? HEAD_MAX - taken : KEY_MIN));
    buf_add_str(buf, amount);
    buf_printf(buf, " id=%s%s%s", incident->id, incident->told_as[0] ? " told_as=" : "",
               incident->told_as);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* The rest of the figures, each under its name once. */
static void add_figures(struct buf *buf, const struct incident_view *view)
{
    const struct totals *t = &view->totals;
    enum kind kind = view->incident->kind;
    char last[WHEN_TEXT_MAX];

    if (kind != KIND_BACKSCATTER_VICTIM)
        buf_printf(buf, " messages=%llu", (unsigned long long)t->messages);
    if (kind == KIND_BACKSCATTER_SOURCE || kind == KIND_BACKSCATTER_VICTIM)
        buf_printf(buf, " recipients=%llu", (unsigned long long)t->recipients);
    buf_printf(buf, " sent=%llu deferred=%llu bounced=%llu queued=%llu held=%llu",
               (unsigned long long)t->sent, (unsigned long long)t->deferred,
               (unsigned long long)t->bounced, (unsigned long long)t->queued,
               (unsigned long long)t->held);
    if (!t->undecided)
        buf_add_str(buf, " undecided=0");
    if (kind != KIND_BACKSCATTER_SOURCE)
        buf_printf(buf, " notices=%llu", (unsigned long long)t->notices);
    buf_printf(buf, " clients=%llu last=%s", (unsigned long long)view->clients,
               when_print(t->last_s * US_PER_S, last));
}

char *incident_line(const struct incident_view *view, enum incident_event event)
{
    const struct incident *incident = view->incident;
    const struct totals *t = &view->totals;
    struct buf buf = buf_new(LINE_MAX_BYTES);
    char crossed[VIEW_TEXT_MAX];

    add_head(&buf, view, event);
    if (view->signs[0])
        add_quoted_upto(&buf, "severity_reason", span_str(view->signs), SIGNS_MAX);
    add_quoted(&buf, "host", view_host(view));
    if (view->hosts.count > 1)
        buf_printf(&buf, " hosts=%u", view->hosts.count);
    if (incident->cause != CAUSE_NONE)
        buf_printf(&buf, " cause=%s", cause_name(incident->cause));
    add_figures(&buf, view);
    if (incident->close_reason)
        add_quoted_upto(&buf, "close_reason", intern_span(incident->close_reason), VALUE_MAX / 2);
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
    if (view->said) {
        add_said(&buf, "script_top", &view->said[MAIL_HEADER_SCRIPT]);
        add_said(&buf, "subject_top", &view->said[MAIL_HEADER_SUBJECT]);
    }
    if (buf.failed) { /* no memory: the bounds on values keep the line within its room */
        buf_done(&buf);
        return NULL;
    }
    return buf.at;
}
