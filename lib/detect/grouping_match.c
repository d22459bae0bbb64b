/* SPDX-License-Identifier: MIT */
/* Step 4 of the grouping: the oldest open incident among a group's cells becomes the group's and
 * keeps its id. The group's other incidents are merged into it (incidents.h). */
#include "detect/grouping_match.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "detect/cell.h"
#include "detect/closing.h"
#include "detect/incidents.h"
#include "detect/once.h"
#include "detect/rejoin.h"
#include "detect/scope.h"

/* The group's key for people, with a reference; the cell is any that has the key. NULL when memory
 * is short. */
static struct intern *key_text(struct grouping *s, const struct group *group, struct cell *cell)
{
    char buf[NETWORK_TEXT_MAX];
    enum key_type type = scope_key(s->kind, group->level);

    if (!once_build(s->d, cell))
        return NULL;

    switch (type) {
    case KEY_NETWORK:
        return intern_get(s->d->texts, span_str(network_print(&cell->rest->network, buf)));
    case KEY_UID:
        snprintf(buf, sizeof(buf), "%u", cell->rest->uid);
        return intern_get(s->d->texts, span_str(buf));
    case KEY_HOST:
        return intern_ref(cell->rest->host_name ? cell->rest->host_name
                                                : s->d->hosts->host[scope_host(s->scope)].name);
    default:
        return intern_ref(cell_key_text(cell, type));
    }
}

/* "or-" and twelve hex digits: a hash of kind, cause, host, the first message's queue ID and, as
 * the message may have several, its recipient where that is a key. All are the same in every form
 * the log comes in, so a scan and the daemon give the same id. */
static void make_id(struct incident *incident, const struct cell *cell)
{
    static const char *const prefix[KIND_COUNT] = {"or", "aa", "la", "tr", "bs", "bv"};
    struct span host = intern_span(incident->host_name);
    struct queue_id first = cell->totals.first_id;
    uint64_t h = hash_mix(first.lo ^ HASH_ODD_1, first.hi ^ HASH_ODD_2) ^ hash_bytes(host, 0);

    if (cell->rest && cell->rest->recipient)
        h = hash_mix(h ^ hash_bytes(intern_span(cell->rest->recipient), 0), HASH_ODD_2);
    h = hash_mix(h ^ (unsigned)incident->cause, HASH_ODD_1 + incident->kind);
    snprintf(incident->id, sizeof(incident->id), "%s-%012llx", prefix[incident->kind],
             (unsigned long long)(h >> 16));
}

/* `first` holds the group's first message, `named` has the group's key. */
static struct incident *raise_incident(struct grouping *s, const struct group *group,
                                       const struct cell *first, struct cell *named)
{
    struct incident *incident = incidents_take(s->d);

    *incident =
        (struct incident){.state = INCIDENT_OPEN,
                          .host = scope_host(s->scope),
                          .host_name = intern_ref(s->d->hosts->host[scope_host(s->scope)].name),
                          .kind = s->kind,
                          .cause = scope_cause(s->scope),
                          .level = group->level,
                          .key = group->key,
                          .scope = s->scope,
                          .raised_s = s->now_s,
                          .alerted_s = s->now_s,
                          .last_s = s->now_s,
                          .crossing = group->crossing,
                          .number = ++s->d->numbers};
    incidents_opened(s->d, incident);
    hosts_due(s->d->hosts, incident->host, 0);
    make_id(incident, first);
    incident->key_text = key_text(s, group, named);
    return incident;
}

/* A group that was folded, and the one that it is part of in the end. */
struct folded {
    const struct group *group;
    int into;
};

/* A group, its members, once they are sorted by group, and the groups in it, the largest first. */
struct group_span {
    const struct group *group;
    uint32_t from, to;
    const struct folded *folded, *folded_end;
};

static int by_share(const void *a, const void *b)
{
    const struct folded *x = a, *y = b;

    if (x->into != y->into)
        return x->into < y->into ? -1 : 1;
    if (x->group->messages != y->group->messages)
        return x->group->messages > y->group->messages ? -1 : 1;
    return x->group->first < y->group->first ? -1 : x->group->first > y->group->first;
}

/* NULL when memory is short. */
static struct folded *list_folded(const struct grouping *s, size_t *ret_count)
{
    struct folded *folded = calloc((size_t)s->group_count + 1, sizeof(*folded));
    size_t n = 0;

    for (int i = 0; folded && i < s->group_count; i++) {
        int into = s->group[i].into;
        while (into >= 0 && s->group[into].into >= 0)
            into = s->group[into].into;
        /* What a key holds beside the narrower ones is a group on the key itself. */
        if (into >= 0 && s->group[i].key != s->group[into].key)
            folded[n++] = (struct folded){&s->group[i], into};
    }
    if (folded)
        qsort(folded, n, sizeof(*folded), by_share);
    *ret_count = n;
    return folded;
}

/* Whether all evidence that it ever had is still in its cells. */
static bool has_all_its_cells(const struct incident *incident)
{
    return !incident->base.messages && !incident->first && !rejoin_has_ended(incident);
}

/* Which keys an incident had until now depends on when somebody looked: what is listed are those
 * that its evidence crosses a threshold under. Only where evidence has gone, earlier ones stay. */
static void list_narrower(struct grouping *s, struct incident *incident,
                          const struct group_span *span)
{
    const struct folded *folded = span->folded, *end = span->folded_end;
    bool all = has_all_its_cells(incident);

    while (all && incident->narrower_count)
        intern_put(s->d->texts, incident->narrower[--incident->narrower_count]);
    for (; folded < end && incident->narrower_count < NARROWER_MAX; folded++) {
        struct cell *cell = &s->d->cell[folded->group->cell];
        if (!cell->key || cell->level[folded->group->level] != folded->group->key)
            continue; /* freed with an incident that was evicted for a new one */
        struct intern *key = key_text(s, folded->group, cell);
        incidents_keep_narrower(incident, key);
        intern_put(s->d->texts, key);
    }
    if (all)
        incident->narrower_more = (uint32_t)(end - folded);
}

/* True if a person closed it, and there is more of it now than he decided about. */
static bool reopen_closed(struct detector *d, struct incident *incident, bool wider, uint32_t now_s)
{
    if (!incident->closed_s || !(wider || closing_is_outgrown(d, incident)))
        return false;
    closing_undo(d, incident);
    incident->alerted_s = now_s;
    incident->reopened++;
    return true;
}

/* Gives the incident the group's key. */
static void move_key(struct grouping *s, struct incident *incident, const struct group *group,
                     struct cell *named, bool is_wider)
{
    struct intern *old = incident->key_text;

    incident->key_text = key_text(s, group, named);
    if (is_wider)
        incidents_keep_narrower(incident, old);
    intern_put(s->d->texts, old);
    bool has_ended = rejoin_has_ended(incident);
    incident->level = group->level;
    incident->key = group->key;
    if (has_ended)
        rejoin_widened(incident);
}

/* Of the incidents that have ended and belong to the group, the oldest; NULL: there is none. */
static struct incident *find_ended(const struct grouping *s, const struct group *group)
{
    struct place place = {s->scope, group->level, group->key, s->now_s};
    struct incident *oldest = NULL;

    for (size_t i = 0; i < s->earlier.count; i++) {
        struct incident *incident = grouping_earlier(s, i);
        if (rejoin_belongs(s->d, incident, &place) &&
            (!oldest || incident->number < oldest->number))
            oldest = incident;
    }
    return oldest;
}

static void announce(const struct grouping *s, const struct incident *incident,
                     enum incident_event event)
{
    trace_say(s->d->trace, TRACE_DETECT, "%s %s %s %.*s", incident->id,
              event == INCIDENT_RAISED     ? "raised on"
              : event == INCIDENT_REOPENED ? "reopened on"
                                           : "widened to",
              key_type_name(incident_key_type(incident)),
              SPAN_ARG(intern_span(incident->key_text)));
    if (s->d->on_event)
        s->d->on_event(s->d->on_event_ctx, event, incident, s->now_s);
}

/* A group's cell with its first message, one that has its key, and the oldest open incident of its
 * cells that no other group has. Each may be NULL. */
struct found {
    const struct cell *first;
    struct cell *named;
    struct incident *incident;
};

static struct found look_at_members(const struct grouping *s, const struct group_span *span,
                                    const bool *taken)
{
    const struct group *group = span->group;
    struct found found = {0};

    for (uint32_t i = span->from; i < span->to; i++) {
        struct cell *cell = cell_of(s, &s->member[i]);
        if (!cell->key) /* freed with an incident that was evicted for a new one */
            continue;
        if (!found.first || cell->totals.first_number < found.first->totals.first_number)
            found.first = cell;
        if (cell->level[group->level] == group->key) /* a folded group has other cells too */
            found.named = cell;
        struct incident *its = is_open(s, cell) ? &s->d->incident[cell->incident - 1] : NULL;
        if (its && !taken[cell->incident - 1] &&
            (!found.incident || its->number < found.incident->number))
            found.incident = its;
    }
    return found;
}

/* The group's incident: that of its cells or one that has ended, whichever is older, or a new
 * one. */
static struct incident *incident_of(struct grouping *s, const struct group *group,
                                    const struct found *found, enum incident_event *ret_event)
{
    struct incident *ended = find_ended(s, group);

    if (ended && (!found->incident || ended->number < found->incident->number)) {
        incidents_reopen(s->d, ended, s->now_s);
        ended->crossing = group->crossing;
        *ret_event = INCIDENT_REOPENED;
        return ended;
    }
    *ret_event = found->incident ? INCIDENT_WIDENED : INCIDENT_RAISED;
    return found->incident ? found->incident : raise_incident(s, group, found->first, found->named);
}

/* Lets the incident hold the members' cells. It takes the place of their other incidents, but for
 * those of other groups. */
static void hold_members(struct grouping *s, const struct group_span *span,
                         struct incident *incident, const bool *taken)
{
    uint32_t number = (uint32_t)(incident - s->d->incident) + 1;

    for (uint32_t i = span->from; i < span->to; i++) {
        struct cell *cell = cell_of(s, &s->member[i]);
        if (!cell->key)
            continue;
        if (cell->totals.last_s > incident->last_s)
            incident->last_s = cell->totals.last_s;
        if (cell->incident == number)
            continue;
        struct incident *other = is_open(s, cell) ? &s->d->incident[cell->incident - 1] : NULL;
        if (other && !taken[cell->incident - 1])
            incidents_merge(s->d, incident, other);
        cell->incident = number;
    }
}

/* Finds or raises the group's incident. `taken` marks the incidents that a group has already: they
 * are not available to other groups. */
static void match_group(struct grouping *s, const struct group_span *span, bool *taken)
{
    const struct group *group = span->group;
    struct found found = look_at_members(s, span, taken);
    struct incident *ended;
    enum incident_event event;

    if (!found.first || !found.named)
        return;
    struct incident *incident = incident_of(s, group, &found, &event);
    taken[incident - s->d->incident] = true;
    bool wider = group->level > incident->level;
    bool moved = incident->key != group->key && (wider || !rejoin_has_ended(incident));
    if (moved)
        move_key(s, incident, group, found.named, wider);
    hold_members(s, span, incident, taken);
    while ((ended = find_ended(s, group)) != NULL)
        incidents_merge(s->d, incident, ended);
    list_narrower(s, incident, span);
    if (reopen_closed(s->d, incident, wider, s->now_s))
        event = INCIDENT_REOPENED;
    if (event == INCIDENT_WIDENED && !moved)
        return;
    if (event == INCIDENT_RAISED &&
        closing_of_withdrawn(s->d, incident, found.first->totals.first_s))
        return;
    announce(s, incident, event);
}

/* In the order of the log, so that ids and numbers don't depend on hashes. */
static int by_first(const void *a, const void *b)
{
    const struct group_span *x = a, *y = b;

    return x->group->first < y->group->first ? -1 : x->group->first > y->group->first;
}

/* Releases cells that were held but that no group has now (their incident became narrower). Ends
 * incidents without a group (thresholds have changed), with the cells they have. */
static void release_ungrouped(struct grouping *s, const bool *taken)
{
    for (uint32_t i = 0; i < s->member_count; i++) {
        struct cell *cell = cell_of(s, &s->member[i]);
        if (s->member[i].group < 0 && cell->incident && taken[cell->incident - 1])
            cell->incident = 0;
    }
    for (uint32_t i = 0; i < s->d->incident_count; i++) {
        struct incident *incident = &s->d->incident[i];
        if (incident->state == INCIDENT_OPEN && incident->scope == s->scope && !taken[i])
            incidents_end(s->d, incident, s->now_s);
    }
}

/* Gives each group, in the order of their numbers, those that were folded into it. */
static void spread_folded(struct group_span *run, size_t n, const struct grouping *s,
                          const struct folded *folded, size_t count)
{
    const struct folded *end = folded + count;

    for (size_t i = 0; i < n; i++) {
        while (folded < end && folded->into < run[i].group - s->group)
            folded++;
        run[i].folded = folded;
        while (folded < end && folded->into == run[i].group - s->group)
            folded++;
        run[i].folded_end = folded;
    }
}

void grouping_match(struct grouping *s)
{
    size_t folded_count;
    struct folded *folded = list_folded(s, &folded_count);
    struct group_span *run = calloc((size_t)s->group_count + 1, sizeof(*run));
    /* Each group may raise one more. */
    bool *taken = calloc((size_t)s->d->incident_count + (size_t)s->group_count + 1, sizeof(*taken));
    size_t n = 0;

    for (uint32_t i = 0; i < s->member_count; i++)
        s->member[i].key = (uint64_t)(group_of(s, &s->member[i]) + 1);
    qsort(s->member, s->member_count, sizeof(*s->member), member_by_key);
    for (uint32_t from = 0, to; run && from < s->member_count; from = to) {
        to = run_end(s, from);
        if (s->member[from].group >= 0)
            run[n++] = (struct group_span){
                .group = &s->group[s->member[from].group], .from = from, .to = to};
    }
    if (run && taken && folded) {
        spread_folded(run, n, s, folded, folded_count);
        qsort(run, n, sizeof(*run), by_first);
        for (size_t i = 0; i < n; i++)
            match_group(s, &run[i], taken);
        release_ungrouped(s, taken);
    }
    free(run);
    free(taken);
    free(folded);
}
