/* SPDX-License-Identifier: MIT */
/* The thresholds are raised, not switched off: a newsletter's login may be stolen, too. */
#include "report/stanza.h"

#include "base/buf.h"

/* As settings.def has it. */
enum { COUNT_MAX = 1000000 };

/* A round number with a margin: the next of 1, 2, 5, 10, 20 ... that is at least twice n. */
static uint64_t margin(uint64_t n)
{
    static const uint64_t steps[] = {1, 2, 5};

    for (uint64_t unit = 1; unit < COUNT_MAX; unit *= 10)
        for (int i = 0; i < 3; i++)
            if (steps[i] * unit >= 2 * n)
                return steps[i] * unit;
    return COUNT_MAX;
}

/* One word of printable ASCII without what stands for a pattern or begins a comment. */
static bool is_subject(struct span subject)
{
    for (size_t i = 0; i < subject.len; i++)
        if (subject.at[i] <= ' ' || subject.at[i] >= 0x7f || subject.at[i] == '*' ||
            subject.at[i] == '?')
            return false;
    return subject.len > 0 && subject.len < SETTINGS_SUBJECT_MAX && subject.at[0] != ';' &&
           subject.at[0] != '#';
}

/* The only client stands for all that it sends. */
static struct span named_by(const struct incident_view *view)
{
    struct span key = intern_span(view->incident->key_text);
    enum kind kind = view->incident->kind;

    if (view->key_type == KEY_SENDER) /* without a domain it would be a user */
        return span_find(key, '@') > 0 ? key : SPAN_NONE;
    if (view->key_type == KEY_ACCOUNT || view->key_type == KEY_UID ||
        view->key_type == KEY_CLIENT || view->key_type == KEY_RECIPIENT)
        return kind == KIND_BACKSCATTER_SOURCE ? SPAN_NONE : key;
    if ((kind == KIND_OPEN_RELAY || kind == KIND_TRUSTED_RELAY) && view->clients == 1 &&
        view->client_names.count == 1)
        return intern_span(view->client_names.entry[0].text);
    return SPAN_NONE;
}

struct span stanza_subject(const struct incident_view *view)
{
    struct span subject = named_by(view);

    return is_subject(subject) ? subject : SPAN_NONE;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* key, and how much of it the incident had. */
static void add(struct buf *to, const char *key, uint64_t n)
{
    buf_printf(to, "%s = %llu\n", key, (unsigned long long)margin(n));
}

/* The measure that crossed, if it is not the main one. */
static void add_crossed(struct buf *to, const struct incident_view *view)
{
    const struct crossing *crossing = &view->incident->crossing;
    const struct totals *t = &view->totals;

    if (crossing->what == CROSSED_NETWORKS)
        add(to, "networks", larger(crossing->value, view->networks.count));
    if (crossing->what == CROSSED_REFUSED)
        add(to, "refused", larger(crossing->value, t->bounced));
    if (crossing->what == CROSSED_FOREIGN)
        add(to, "foreign_recipients", larger(crossing->value, view->foreign));
    if (crossing->what == CROSSED_NULL_SENDER)
        add(to, "null_sender", crossing->value);
    if (crossing->what == CROSSED_UNSEEN)
        add(to, "unseen_senders", larger(crossing->value, view->senders.count));
}

/* The main one too, if it has come near its threshold since. */
static void add_main(struct buf *to, const struct incident_view *view)
{
    const struct crossing *crossing = &view->incident->crossing;
    const struct totals *t = &view->totals;
    uint64_t n = t->recipients + t->undecided;
    bool by_sender = view->key_type == KEY_SENDER && view->incident->kind == KIND_TRUSTED_RELAY;

    if (view->incident->kind == KIND_BACKSCATTER_VICTIM)
        add(to, "messages", larger(crossing->value, t->messages));
    else if (crossing->what == CROSSED_RECIPIENTS || crossing->what == CROSSED_NONE ||
             n > crossing->threshold)
        add(to, by_sender ? "sender_recipients" : "recipients",
            larger(crossing->what == CROSSED_RECIPIENTS ? crossing->value : 0, n));
}

void stanza_fill(struct incident_view *view)
{
    struct span subject = stanza_subject(view);
    struct buf text = buf_new(VIEW_TEXT_MAX - 1);

    view->stanza[0] = '\0';
    if (!subject.len)
        return;
    buf_printf(&text, "[%s %.*s]\n", kind_name(view->incident->kind), SPAN_ARG(subject));
    add_main(&text, view);
    add_crossed(&text, view);
    if (!text.failed)
        memcpy(view->stanza, text.at, text.len + 1);
    buf_done(&text);
}
