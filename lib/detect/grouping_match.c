/* SPDX-License-Identifier: MIT */
/* Claims and incidents: the oldest incident among a claim's cells keeps its id, the others go on in
 * it. */
#include "detect/grouping_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

static struct text *key_text(struct settling *s, const struct claim *claim, const struct cell *cell)
{
    char buf[NETWORK_TEXT_MAX];
    enum key_type type = detector_level(s->kind, claim->level);

    switch (type) {
    case KEY_NETWORK:
        return text_get(s->d->texts, span_str(network_print(&cell->network, buf)));
    case KEY_UID:
        snprintf(buf, sizeof(buf), "%u", cell->uid);
        return text_get(s->d->texts, span_str(buf));
    case KEY_HOST:
        return text_ref(s->d->hosts->host[detector_field_host(s->field)].name);
    default:
        return text_ref(cell_key_text(cell, type));
    }
}

/* "or-" and twelve digits: of kind, host and the first message's place in the log, which its queue
 * ID names in every form the log comes in. */
static void make_id(struct settling *s, struct incident *incident, struct queue_id first)
{
    static const char *const prefix[KIND_COUNT] = {"or", "aa", "la", "tr", "bs", "bv"};
    struct span host = text_span(s->d->hosts->host[incident->host].name);
    uint64_t h = hash_mix(first.lo ^ HASH_ODD_1, first.hi ^ HASH_ODD_2) ^ hash_bytes(host, 0);

    h = hash_mix(h ^ (unsigned)incident->cause, HASH_ODD_1 + incident->kind);
    snprintf(incident->id, sizeof(incident->id), "%s-%012llx", prefix[incident->kind],
             (unsigned long long)(h >> 16));
}

static struct incident *take_incident(struct detector *d)
{
    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state == INCIDENT_FREE)
            return &d->incident[i];
    if (d->incident_count < d->incident_max)
        return &d->incident[d->incident_count++];
    return detector_evict_incident(d);
}

static struct incident *raise_incident(struct settling *s, const struct claim *claim,
                                       const struct cell *first, const struct cell *named)
{
    struct incident *incident = take_incident(s->d);

    *incident = (struct incident){.state = INCIDENT_OPEN,
                                  .host = detector_field_host(s->field),
                                  .kind = s->kind,
                                  .cause = detector_field_cause(s->field),
                                  .level = claim->level,
                                  .key = claim->key,
                                  .field = s->field,
                                  .raised_s = s->now_s,
                                  .told_s = s->now_s,
                                  .last_s = s->now_s,
                                  .number = ++s->d->numbers};
    make_id(s, incident, first->totals.first_id);
    incident->key_text = key_text(s, claim, named);
    return incident;
}

static void keep_narrower(struct incident *incident, struct text *key)
{
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        if (incident->narrower[i] == key)
            return;
    if (incident->narrower_count < NARROWER_MAX)
        incident->narrower[incident->narrower_count++] = text_ref(key);
    else
        incident->narrower_more++;
}

/* `other` goes on inside `incident`. */
static void merge_incident(struct settling *s, struct incident *incident, struct incident *other)
{
    uint32_t number = (uint32_t)(incident - s->d->incident) + 1;
    uint32_t other_number = (uint32_t)(other - s->d->incident) + 1;

    keep_narrower(incident, other->key_text);
    for (uint32_t i = 0; i < other->narrower_count; i++)
        keep_narrower(incident, other->narrower[i]);
    detector_add_totals(&incident->base, &other->base);
    incident->base_clients += other->base_clients;
    if (other->last_s > incident->last_s)
        incident->last_s = other->last_s;
    for (uint32_t i = 0; i < s->d->cell_count; i++)
        if (s->d->cell[i].key && s->d->cell[i].incident == other_number)
            s->d->cell[i].incident = number;
    other->state = INCIDENT_FREE;
    detector_drop_incident(s->d, other);
}

/* The cells of items[from .. to), the claim's, are marked as held by its incident; others' claims
 * to it end. */
static void match_claim(struct settling *s, const struct claim *claim, uint32_t from, uint32_t to,
                        bool *taken)
{
    struct incident *incident = NULL;
    const struct cell *first = NULL, *named = NULL;

    for (uint32_t i = from; i < to; i++) {
        const struct cell *cell = cell_of(s, &s->item[i]);
        if (!cell->key) /* given up with the incident that made room */
            continue;
        if (!first || cell->totals.first_number < first->totals.first_number)
            first = cell;
        if (cell->level[claim->level] == claim->key) /* a folded claim has others' cells too */
            named = cell;
        struct incident *its = is_open(s, cell) ? &s->d->incident[cell->incident - 1] : NULL;
        if (its && !taken[cell->incident - 1] && (!incident || its->number < incident->number))
            incident = its;
    }
    if (!first || !named)
        return;
    bool is_new = !incident;
    if (is_new)
        incident = raise_incident(s, claim, first, named);
    uint32_t number = (uint32_t)(incident - s->d->incident) + 1;
    taken[number - 1] = true;
    bool moved = incident->key != claim->key;
    if (moved) {
        struct text *old = incident->key_text;
        incident->key_text = key_text(s, claim, named);
        if (claim->level > incident->level)
            keep_narrower(incident, old);
        text_put(s->d->texts, old);
        incident->level = claim->level;
        incident->key = claim->key;
    }
    for (uint32_t i = from; i < to; i++) {
        struct cell *cell = cell_of(s, &s->item[i]);
        if (!cell->key)
            continue;
        if (cell->totals.last_s > incident->last_s)
            incident->last_s = cell->totals.last_s;
        if (cell->incident == number)
            continue;
        struct incident *other = is_open(s, cell) ? &s->d->incident[cell->incident - 1] : NULL;
        if (other && !taken[cell->incident - 1])
            merge_incident(s, incident, other);
        cell->incident = number;
    }
    if (s->d->hear && (is_new || moved))
        s->d->hear(s->d->hear_ctx, is_new ? INCIDENT_RAISED : INCIDENT_WIDENED, incident, s->now_s);
}

/* A claim's place among the items, once these are sorted by claim. */
struct claim_run {
    const struct claim *claim;
    uint32_t from, to;
};

static int by_first(const void *a, const void *b)
{
    const struct claim_run *x = a, *y = b;

    return x->claim->first < y->claim->first ? -1 : x->claim->first > y->claim->first;
}

/* Cells that were held and that nobody claims any more (an incident that became narrower), and
 * incidents that are none under new thresholds: they end with what they have. */
static void let_go_of_the_rest(struct settling *s, const bool *taken)
{
    for (uint32_t i = 0; i < s->item_count; i++) {
        struct cell *cell = cell_of(s, &s->item[i]);
        if (s->item[i].claim < 0 && cell->incident && taken[cell->incident - 1])
            cell->incident = 0;
    }
    for (uint32_t i = 0; i < s->d->incident_count; i++) {
        struct incident *incident = &s->d->incident[i];
        if (incident->state == INCIDENT_OPEN && incident->field == s->field && !taken[i])
            detector_end(s->d, incident, s->now_s);
    }
}

void settle_match(struct settling *s)
{
    struct claim_run *run = calloc((size_t)s->claim_count + 1, sizeof(*run));
    bool *taken = calloc(s->d->incident_max, sizeof(*taken));
    size_t n = 0;

    for (uint32_t i = 0; i < s->item_count; i++)
        s->item[i].key = (uint64_t)(claim_of(s, &s->item[i]) + 1);
    qsort(s->item, s->item_count, sizeof(*s->item), item_by_key);
    for (uint32_t from = 0, to; run && from < s->item_count; from = to) {
        to = run_end(s, from);
        if (s->item[from].claim >= 0)
            run[n++] = (struct claim_run){&s->claim[s->item[from].claim], from, to};
    }
    if (run && taken) {
        qsort(run, n, sizeof(*run), by_first);
        for (size_t i = 0; i < n; i++)
            match_claim(s, run[i].claim, run[i].from, run[i].to, taken);
        let_go_of_the_rest(s, taken);
    }
    free(run);
    free(taken);
}
