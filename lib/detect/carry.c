/* SPDX-License-Identifier: MIT */
#include "detect/carry.h"

#include <stdio.h>

#include "detect/cell.h"
#include "detect/evict.h"
#include "detect/incidents.h"
#include "detect/once.h"
#include "detect/said.h"
#include "detect/scope.h"

/* Its own text, in the other table; NULL stays NULL. */
static struct intern *same_text(struct detector *to, const struct intern *text)
{
    return text ? intern_get(to->texts, intern_span(text)) : NULL;
}

uint16_t carry_host(const struct detector *d, const struct intern *name)
{
    for (uint16_t i = 0; i < d->hosts->host_count; i++)
        if (d->hosts->host[i].name &&
            span_equal(intern_span(d->hosts->host[i].name), intern_span(name)))
            return i;
    return HOSTS_NONE;
}

bool cell_is_under(const struct cell *cell, enum key_type type, struct span key)
{
    char buf[NETWORK_TEXT_MAX];

    switch (type) {
    case KEY_HOST:
        return !cell->rest->host_name || span_equal_nocase(intern_span(cell->rest->host_name), key);
    case KEY_NETWORK:
        return cell->rest->network.prefix &&
               span_equal(span_str(network_print(&cell->rest->network, buf)), key);
    case KEY_UID:
        snprintf(buf, sizeof(buf), "%u", cell->rest->uid);
        return span_equal(span_str(buf), key);
    default:
        return span_equal_nocase(intern_span(cell_key_text(cell, type)), key);
    }
}

/* --- a cell ----------------------------------------------------------------------------------- */

static void raise_to(uint64_t *a, uint64_t b)
{
    if (b > *a)
        *a = b;
}

/* All but queued and held. */
static void raise_totals(struct totals *a, const struct totals *b)
{
    raise_to(&a->messages, b->messages);
    raise_to(&a->recipients, b->recipients);
    raise_to(&a->sent, b->sent);
    raise_to(&a->deferred, b->deferred);
    raise_to(&a->bounced, b->bounced);
    raise_to(&a->notices, b->notices);
    raise_to(&a->familiar, b->familiar);
    raise_to(&a->usual, b->usual);
    raise_to(&a->undecided, b->undecided);
    if (b->last_s > a->last_s)
        a->last_s = b->last_s;
    if (!a->first_s || (b->first_s && b->first_s < a->first_s)) {
        a->first_s = b->first_s;
        a->first_id = b->first_id;
        a->first_number = b->first_number;
    }
}

static void add_missing(struct detector *to, struct tally *a, const struct tally *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        struct intern *text = same_text(to, b->entry[i].text);
        if (text && !tally_has(a, text))
            tally_add(a, to->texts, text, b->entry[i].count, b->entry[i].last_s, TALLY_CLIENTS_MAX);
        intern_put(to->texts, text);
    }
    raise_to(&a->more, b->more);
}

static void add_lists(struct detector *to, struct cell *a, const struct cell *b)
{
    struct lists *lists = b->rest->lists ? cell_lists_make(a) : NULL;

    if (!lists)
        return;
    add_missing(to, &lists->clients, &b->rest->lists->clients);
    add_missing(to, &lists->networks, &b->rest->lists->networks);
    add_missing(to, &lists->senders, &b->rest->lists->senders);
    add_missing(to, &lists->sender_domains, &b->rest->lists->sender_domains);
    add_missing(to, &lists->hosts, &b->rest->lists->hosts);
    add_missing(to, &lists->refused_by, &b->rest->lists->refused_by);
    add_missing(to, &lists->refused_domains, &b->rest->lists->refused_domains);
    for (int i = 0; b->rest->lists->said && said_make(&lists->said) && i < MAIL_HEADER_COUNT; i++)
        add_missing(to, &lists->said[i], &b->rest->lists->said[i]);
}

static void add_counts(struct counts *a, const struct counts *b, bool is_new)
{
    for (int i = 0; i < MEASURES; i++) {
        const struct count *from = counts_of(b, i);
        struct count *count = from->day.length ? counts_make(a, i) : NULL;
        if (!count)
            continue;
        raise_to(&count->run, from->run);
        if (!is_new)
            continue;
        count->now = from->now;
        count->day = from->day;
    }
}

/* The windows of a cell that was there are as good; `b` was counted by what was known before. */
static void add_cell(struct detector *to, struct cell *a, const struct cell *b, bool is_new)
{
    raise_totals(&a->totals, &b->totals);
    add_missing(to, &a->rest->recipient_domains, &b->rest->recipient_domains);
    add_lists(to, a, b);
    struct intern *forwarder = same_text(to, b->rest->forwarder);
    cell_take_forwarder(to, a, forwarder);
    intern_put(to->texts, forwarder);
    a->sender_is_default |= b->sender_is_default;
    a->rest->has_two_logins |= b->rest->has_two_logins;
    add_counts(&a->rest->counts, &b->rest->counts, is_new);
    for (uint32_t i = 0; is_new && i < b->rest->sample_count; i++) {
        a->rest->sample[i] = b->rest->sample[i];
        a->rest->sample[i].message_id = same_text(to, b->rest->sample[i].message_id);
        a->rest->sample_s[i] = b->rest->sample_s[i];
        a->rest->sample_count++;
    }
}

/* What was observed when the cell was made, as far as it names the cell. */
static struct observation naming(const struct cell *cell, uint16_t host)
{
    const struct cell_rest *rest = cell->rest;

    return (struct observation){.kind = scope_kind(cell->scope),
                                .cause = scope_cause(cell->scope),
                                .host = host,
                                .host_name = intern_span(rest->host_name),
                                .client = intern_span(rest->client_name),
                                .sender = intern_span(rest->sender),
                                .account = intern_span(rest->account),
                                .uid = rest->uid,
                                .recipient = intern_span(rest->recipient)};
}

/* Copies the cell to `number`, an incident of `to`. Returns its number, or 0. */
static uint32_t carry_cell(struct detector *to, const struct cell *cell, uint32_t number)
{
    const struct incident *incident = &to->incident[number - 1];
    struct observation o = naming(cell, scope_host(incident->scope));
    struct names n = {.client = intern_span(cell->rest->client),
                      .domain = intern_span(cell->rest->domain),
                      .has_domain = true};
    uint64_t key;
    struct cell *there = cell_find(to, &o, &n, &key);
    bool is_open = incident->state == INCIDENT_OPEN && !cell->retired && !cell->parked;

    if (is_open && there &&
        ((there->incident && there->incident != number) || !once_build(to, there)))
        return 0; /* another has its evidence */
    bool is_new = !is_open || !there;
    if (is_new && to->cell_used >= to->cell_max)
        evict_cell(to);
    struct cell *copy = is_new ? cell_make(to, key, &o, &n) : there;
    if (!copy)
        return 0;
    copy->incident = number;
    add_cell(to, copy, cell, is_new);
    if (incident->state != INCIDENT_OPEN || cell->retired) /* as incidents.c retires it */
        cell_retire(to, copy);
    else if (cell->parked)
        cell_park(to, copy);
    return (uint32_t)(copy - to->cell) + 1;
}

/* --- an incident ------------------------------------------------------------------------------ */

/* An open incident's key is a hash that has the host's number in it: a cell under the key tells. */
static void find_key(struct incident *incident, const struct cell *cell)
{
    if (!incident->key &&
        cell_is_under(cell, incident_key_type(incident), intern_span(incident->key_text)))
        incident->key = cell->level[incident->level];
}

/* So are those of the keys that it had in common. */
static void find_common(struct incident *incident, const struct incident *old,
                        const struct cell *cell, const struct cell *was)
{
    for (int l = 0; l < LEVELS_MAX; l++)
        if (old->common[l] && was->level[l] == old->common[l])
            incident->common[l] = cell->level[l];
}

static void carry_cells(struct detector *to, const struct detector *from,
                        const struct incident *old, struct incident *incident)
{
    uint32_t was = (uint32_t)(old - from->incident) + 1;
    uint32_t number = (uint32_t)(incident - to->incident) + 1;

    for (uint32_t i = 0; i < from->cell_count; i++) {
        if (!from->cell[i].key || from->cell[i].incident != was)
            continue;
        uint32_t copy = carry_cell(to, &from->cell[i], number);
        if (!copy)
            continue;
        find_key(incident, &to->cell[copy - 1]);
        find_common(incident, old, &to->cell[copy - 1], &from->cell[i]);
        if (old->remainder == i + 1)
            incident->remainder = copy;
    }
}

struct incident *carry_incident(struct detector *to, const struct detector *from,
                                const struct incident *old)
{
    uint16_t host = carry_host(to, old->host_name);
    struct incident *incident = incidents_take(to);

    *incident = *old;
    incident->host = host == HOSTS_NONE ? 0 : host;
    incident->scope = scope_number(incident->host, old->kind, old->cause);
    incident->key = 0;
    memset(incident->common, 0, sizeof(incident->common));
    incident->remainder = 0;
    incident->first = incident->last = 0;
    if (incident->state == INCIDENT_OPEN) {
        incidents_opened(to, incident);
        hosts_due(to->hosts, incident->host, 0);
    }
    incident->host_name = same_text(to, old->host_name);
    incident->key_text = same_text(to, old->key_text);
    incident->close_reason = same_text(to, old->close_reason);
    incident->narrower_count = 0;
    for (uint32_t i = 0; i < old->narrower_count; i++) {
        struct intern *text = same_text(to, old->narrower[i]);
        if (text)
            incident->narrower[incident->narrower_count++] = text;
    }
    incident->base.queued = incident->base.held = 0;
    if (!incident->host_name) {
        incidents_drop(to, incident);
        return NULL;
    }
    carry_cells(to, from, old, incident);
    return incident;
}

void carry_into(struct detector *to, const struct detector *from, const struct incident *old,
                struct incident *heir)
{
    heir->raised_s = old->raised_s;
    heir->crossing = old->crossing;
    if (old->reopened > heir->reopened)
        heir->reopened = old->reopened;
    if (old->last_s > heir->last_s)
        heir->last_s = old->last_s;
    raise_totals(&heir->base, &old->base);
    raise_to(&heir->base_clients, old->base_clients);
    carry_cells(to, from, old, heir);
}
