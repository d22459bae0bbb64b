/* SPDX-License-Identifier: MIT */
#include "detect/closing.h"

#include "detect/cell.h"

/* Reads the whole table: an incident keeps no list of its cells, and few are closed. */
static uint64_t amount_of(const struct detector *d, const struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    struct totals sum = incident->base;

    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident == number)
            totals_add(&sum, &d->cell[i].totals);
    return sum.recipients + sum.notices + sum.undecided;
}

/* No UTF-8 sequence is cut in two: the bytes after its first one begin with the bits 10. */
static struct span cut(struct span text)
{
    size_t n = CLOSE_REASON_MAX;

    if (text.len <= n)
        return text;
    while (n > 0 && ((unsigned char)text.at[n] & 0xc0) == 0x80)
        n--;
    return span_head(text, n);
}

static struct intern *keep_reason(struct detector *d, struct span reason)
{
    struct span text = cut(span_trim(reason));
    char clean[CLOSE_REASON_MAX];

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        clean[i] = (char)(c < ' ' || c == 0x7f ? '?' : c);
    }
    return text.len ? intern_get(d->texts, span_of(clean, text.len)) : NULL;
}

void detector_close(struct detector *d, const struct incident *incident, struct span reason,
                    uint32_t now_s)
{
    struct incident *closed = &d->incident[incident - d->incident];

    closing_undo(d, closed);
    closed->closed_s = now_s;
    closed->closed_amount = amount_of(d, closed);
    closed->close_reason = keep_reason(d, reason);
    trace_say(d->trace, TRACE_DETECT, "%s closed by a person", closed->id);
    if (closed->state == INCIDENT_OPEN && d->on_event)
        d->on_event(d->on_event_ctx, INCIDENT_CLOSED, closed, now_s);
}

bool closing_is_outgrown(const struct detector *d, const struct incident *incident)
{
    uint64_t then = incident->closed_amount ? incident->closed_amount : 1;

    return incident->closed_s && amount_of(d, incident) >= then * CLOSED_GROWTH;
}

void closing_undo(struct detector *d, struct incident *incident)
{
    intern_put(d->texts, incident->close_reason);
    incident->close_reason = NULL;
    incident->closed_s = 0;
    incident->closed_amount = 0;
}

void closing_copy(struct detector *d, struct incident *incident, const struct incident *same)
{
    closing_undo(d, incident);
    incident->closed_s = same->closed_s;
    incident->closed_amount = same->closed_amount;
    if (same->close_reason)
        incident->close_reason = intern_get(d->texts, intern_span(same->close_reason));
}

void closing_comes_back(struct detector *d, struct incident *incident, const struct incident *old)
{
    if (incident->level > old->level)
        return;
    closing_copy(d, incident, old);
    if (closing_is_outgrown(d, incident))
        closing_undo(d, incident);
}

bool closing_of_withdrawn(struct detector *d, struct incident *incident, uint32_t first_s)
{
    uint32_t life = (uint32_t)(d->settings->alert.end_after / US_PER_S);

    for (uint32_t i = 0; i < d->incident_count && !incident->closed_s; i++) {
        const struct incident *old = &d->incident[i];
        if (old->state == INCIDENT_ENDED && old->withdrawn && old->closed_s &&
            old->scope == incident->scope && old->key == incident->key &&
            old->host_name == incident->host_name && old->last_s + (uint64_t)life >= first_s)
            closing_comes_back(d, incident, old);
    }
    return incident->closed_s != 0;
}
