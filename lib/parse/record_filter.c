/* SPDX-License-Identifier: MIT */
#include "parse/record_filter.h"

static bool take_id(struct span *s, struct queue_id *ret)
{
    size_t n = queue_id_parse(*s, ret);

    *s = span_skip(*s, n);
    return n > 0;
}

/* "<a> -> <b>,<c>": strangers may have chosen the addresses. */
static bool take_envelope(struct span *s)
{
    ptrdiff_t end;

    if (!span_take(s, SPAN("<")) || (end = mail_address_end(*s)) < 0)
        return false;
    *s = span_skip(*s, (size_t)end);
    if (!span_take(s, SPAN("> -> ")))
        return false;
    do {
        if (!span_take(s, SPAN("<")) || (end = mail_address_end(*s)) < 0)
            return false;
        *s = span_skip(*s, (size_t)end + 1);
    } while (span_take(s, SPAN(",")) && s->len && s->at[0] == '<');
    return true;
}

static const char *find(struct span s, struct span words)
{
    return s.len ? memmem(s.at, s.len, words.at, words.len) : NULL;
}

/* What follows the last `name` in s. */
static struct span last_value(struct span s, struct span name)
{
    struct span found = SPAN_NONE;
    const char *at;

    while ((at = find(s, name)) != NULL) {
        s = span_skip(s, (size_t)(at - s.at) + name.len);
        found = s;
    }
    return found;
}

/* amavisd-new 2.x, $log_templ: "(AM-ID) Passed CLASS ..., [client] <from> -> <to>,<to>, Queue-ID:
 * OLD, Message-ID: <m>, mail_id: x, Hits: n, size: n, queued_as: NEW[/NEW2], 123 ms". A stranger
 * chose the message-id, so the last "queued_as:" counts, and is believed only if NEW fits
 * (link_hop.c). */
static void parse_amavis(struct span s, struct record *ret)
{
    static const struct span ours = SPAN(" Queue-ID: ");
    ptrdiff_t close = span_find(s, ')'), open;

    /* amavis splits long lines, and marks the part that goes on so. */
    if (!span_starts(s, SPAN("(")) || close < 0 || span_ends(s, SPAN("...")))
        return;
    s = span_skip(s, (size_t)close + 1);
    if (!span_take(&s, SPAN(" Passed ")) || (open = span_find(s, '<')) < 0)
        return;
    s = span_skip(s, (size_t)open);
    if (!take_envelope(&s))
        return;
    const char *at = find(s, ours);
    if (!at)
        return;
    s = span_skip(s, (size_t)(at - s.at) + ours.len);
    struct queue_id old, new;
    struct span queued = take_id(&s, &old) ? last_value(s, SPAN(", queued_as: ")) : SPAN_NONE;
    if (!take_id(&queued, &new))
        return;
    ret->type = RECORD_FILTERED;
    ret->shape = "amavis: passed on under a new ID";
    ret->id = old;
    ret->link = new;
}

/* MailScanner 5, Postfix.pm: "Requeue: OLD.RANDOM to NEW". MailScanner wrote all of it. */
static void parse_mailscanner(struct span s, struct record *ret)
{
    struct queue_id old, new;

    if (!span_take(&s, SPAN("Requeue: ")) || !take_id(&s, &old) || !span_take(&s, SPAN(".")))
        return;
    ptrdiff_t blank = span_find(s, ' ');
    s = span_skip(s, blank < 0 ? s.len : (size_t)blank);
    if (!span_take(&s, SPAN(" to ")) || !take_id(&s, &new) || s.len)
        return;
    ret->type = RECORD_FILTERED;
    ret->shape = "MailScanner: goes on under a new ID";
    ret->id = old;
    ret->link = new;
}

void record_parse_filter(struct span text, struct record *ret)
{
    ret->type = RECORD_UNPARSED;
    if (ret->program == PROGRAM_AMAVIS)
        parse_amavis(text, ret);
    else
        parse_mailscanner(text, ret);
}
