/* SPDX-License-Identifier: MIT */
#include "detect/detector.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/cell_index.h"
#include "detect/cell_evidence.h"
#include "detect/evict.h"
#include "detect/grouping.h"
#include "detect/host_scopes.h"
#include "detect/incidents.h"
#include "detect/key_counts.h"
#include "detect/once.h"
#include "detect/runs.h"
#include "detect/scope.h"
#include "detect/thresholds.h"
#include "detect/ticks.h"

bool detector_init(struct detector *d, const struct settings *settings, struct interns *texts,
                   struct hosts *hosts, uint64_t seed)
{
    *d = (struct detector){.settings = settings,
                           .texts = texts,
                           .hosts = hosts,
                           .seed = seed,
                           .fleet = HOSTS_NONE,
                           .incident_max = settings->limits.incidents,
                           .serial = 1};
    evict_set_bounds(d);
    d->incident = calloc(d->incident_max, sizeof(*d->incident));
    if (host_scopes_reserve(d, hosts->room) && d->incident && cells_init(d) && key_counts_init(d))
        return true;
    detector_done(d);
    return false;
}

void detector_done(struct detector *d)
{
    cells_done(d);
    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state != INCIDENT_FREE)
            incidents_release(d, &d->incident[i]);
    free(d->scope);
    free(d->load);
    key_counts_done(d);
    free(d->incident);
    *d = (struct detector){0};
}

/* Marks all scopes in use as dirty, so that the new thresholds reach evidence already counted. */
void detector_set_settings(struct detector *d, const struct settings *settings)
{
    d->settings = settings;
    if (settings->override_count) /* they are found by a cell's names */
        once_build_all(d);
    for (uint32_t scope = 0; scope < d->scope_count; scope++)
        d->scope[scope].dirty |= d->scope[scope].first != 0;
    scopes_near_unknown(d);
    for (uint32_t i = 0; i < d->level_size; i++)
        key_count_recheck(&d->level[i]); /* by other thresholds */
}

/* Other statuses have no count of their own. */
static void count_status(struct totals *t, enum status status, int64_t by)
{
    if (status == STATUS_SENT)
        t->sent += (uint64_t)by;
    else if (status == STATUS_DEFERRED)
        t->deferred += (uint64_t)by;
    else if (status == STATUS_BOUNCED)
        t->bounced += (uint64_t)by;
}

/* False if the status was counted in an earlier run, whose counts are gone. */
static bool has_counted(const struct totals *t, enum status status)
{
    return status == STATUS_SENT       ? t->sent > 0
           : status == STATUS_DEFERRED ? t->deferred > 0
           : status == STATUS_BOUNCED  ? t->bounced > 0
                                       : t->recipients > 0 || t->notices > 0;
}

/* The open incident whose key the cell has takes it in, the narrowest one if there are several. If
 * that were left to the grouping, a flood of new keys would run it all the time. */
static void join_open(struct detector *d, struct cell *cell, enum kind kind)
{
    struct incident *narrowest = NULL;

    if (scope_keys[kind][1] == KEY_NONE) /* the cell's own key is its only one */
        return;
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_OPEN && incident->scope == cell->scope &&
            cell->level[incident->level] == incident->key &&
            (!narrowest || incident->level < narrowest->level))
            narrowest = incident;
    }
    if (narrowest && narrowest->level <= thresholds_top(d, cell))
        cell->incident = (uint32_t)(narrowest - d->incident) + 1;
}

static void count_evidence(struct detector *d, struct cell *cell, const struct thresholds *th,
                           const struct added *add, struct intern *client, uint32_t at_s)
{
    enum kind kind = scope_kind(cell->scope);

    /* Even held evidence may widen an incident at the next grouping. */
    d->scope[cell->scope].dirty = true;
    if (!cell->incident)
        join_open(d, cell, kind);
    if (cell->incident) {
        struct incident *incident = &d->incident[cell->incident - 1];
        if (at_s > incident->last_s)
            incident->last_s = at_s;
    } else if (thresholds_add(d, cell, kind, th, add, client, at_s)) {
        uint32_t latest = grouping_latest(d, cell->scope);
        grouping_run(d, cell->scope, at_s > latest ? at_s : latest);
    }
    if (d->load[scope_host(cell->scope)].open)
        ticks_expect(d, cell);
}

/* A message may be evidence of one kind in several cells: to each of its victims. */
static uint64_t number_of(struct detector *d, const struct observation *o)
{
    return o->host == d->fleet
               ? cell_order(o->at_s, o->id) ^ hash_bytes(o->recipient, 0) >> CELL_ORDER_S
               : ++d->load[o->host].numbers;
}

/* A notice counts as a recipient too once its delivery has a status. */
static void add_to_totals(struct detector *d, struct totals *t, const struct observation *o)
{
    uint64_t number = number_of(d, o);

    d->load[o->host].at_s = o->at_s;
    if (!t->first_s || (o->host == d->fleet && number < t->first_number)) {
        t->first_s = o->at_s;
        t->first_id = o->id;
        t->first_number = number;
    }
    if (o->at_s < t->first_s) { /* judged late, since it had to wait for its origin */
        t->first_s = o->at_s;
        t->first_id = o->id;
    }
    if (o->at_s > t->last_s)
        t->last_s = o->at_s;
    t->messages += o->first;
    t->familiar += o->familiar;
    t->usual += o->usual;
    t->notices += o->counts && o->notice;
    t->undecided += o->undecided;
    if (!o->undecided && (!o->notice || !o->counts || o->status != STATUS_OTHER)) {
        t->recipients++;
        count_status(t, o->status, 1);
    }
}

static void trace_evidence(const struct detector *d, const struct cell *cell,
                           const struct observation *o)
{
    char id[QUEUE_ID_TEXT_MAX];

    trace_say(
        d->trace, TRACE_DETECT,
        "%s counted as %s of client %.*s account %.*s: %llu messages, %llu recipients so far%s%s",
        queue_id_print(o->id, id), kind_name(o->kind), SPAN_ARG(o->client), SPAN_ARG(o->account),
        (unsigned long long)cell->totals.messages, (unsigned long long)cell->totals.recipients,
        cell->incident ? ", held by " : "",
        cell->incident ? d->incident[cell->incident - 1].id : "");
}

uint32_t detector_time(const struct detector *d, uint16_t host, uint32_t at_s)
{
    uint32_t now_s = host == d->fleet ? d->hosts->host[host].now_s : 0;
    bool is_apart =
        now_s && (at_s > now_s + (uint64_t)FLEET_APART_S || now_s > at_s + (uint64_t)FLEET_APART_S);

    return is_apart ? now_s : at_s;
}

void detector_prefetch(struct detector *d, struct observation *o)
{
    struct names n = {.client = client_address(o->client)};

    o->key = names_key(d, o, &n, scope_number(o->host, o->kind, o->cause));
    cell_index_prefetch(d, o->key);
    o->narrowest = names_level_key(d, o, &n, o->key, scope_keys[o->kind][0]);
    key_counts_prefetch(d, o->narrowest);
}

struct cell_ref detector_observe(struct detector *d, const struct observation *o)
{
    struct names n = {.client = client_address(o->client)};

    d->counters.observations++;
    uint64_t key;
    struct cell *cell = cell_find(d, o, &n, &key);
    if (!cell && d->cell_used >= d->cell_max)
        evict_for_room(d);
    if (!cell)
        cell = once_fits(d, o) ? once_make(d, key, o, &n) : cell_make(d, key, o, &n);
    else if (!once_build(d, cell))
        cell = NULL;
    else
        cell->fresh = true;
    if (!cell)
        return (struct cell_ref){0, 0};
    if (cell->rest)
        cell->rest->has_two_logins |= o->has_two_logins;
    const struct thresholds *th = thresholds_for(d, cell, o->kind);
    if (!th->enabled) {
        d->counters.exempt++;
        return (struct cell_ref){0, 0};
    }
    uint32_t horizon_s = thresholds_horizon(th);
    if (runs_is_over(cell, (uint32_t)(th->window / US_PER_S), horizon_s, o->at_s) &&
        !(cell = runs_begin(d, cell, key, o, &n, horizon_s)))
        return (struct cell_ref){0, 0};
    const struct added add = evidence_measures(o, cell);
    add_to_totals(d, &cell->totals, o);
    cell->sender_is_default |= o->sender_is_default;
    if (cell->rest)
        evidence_add(d, cell, o, &n, &add);
    struct cell_ref ref = {(uint32_t)(cell - d->cell) + 1, cell->serial};
    /* Before it can raise an incident: the alert tells what is in the queue. */
    if (o->queued && (o->counted_in.cell != ref.cell || o->counted_in.serial != ref.serial))
        detector_queue(d, ref, 1, o->held);
    if (trace_wants(d->trace, TRACE_DETECT))
        trace_evidence(d, cell, o);
    /* Only this kind asks how many clients a wider key has. */
    struct intern *client =
        o->kind == KIND_BACKSCATTER_VICTIM && n.client.len ? intern_get(d->texts, n.client) : NULL;
    count_evidence(d, cell, th, &add, client, o->at_s);
    intern_put(d->texts, client);
    return ref;
}

void detector_status(struct detector *d, struct cell_ref ref, enum status was, enum status is,
                     uint32_t now_s)
{
    struct cell *cell = cell_deref(d, ref);

    if (!cell || !has_counted(&cell->totals, was))
        return;
    count_status(&cell->totals, was, -1);
    count_status(&cell->totals, is, 1);
    /* A retry that is refused counts towards account-abuse's threshold for refused recipients. */
    enum kind kind = scope_kind(cell->scope);
    if (kind != KIND_ACCOUNT_ABUSE || is != STATUS_BOUNCED || cell->retired)
        return;
    const struct added add = {
        .now[MEASURE_REFUSED] = 1, .day[MEASURE_REFUSED] = 1, .measures = MEASURES};
    const struct thresholds *th = thresholds_for(d, cell, kind);
    now_s = detector_time(d, scope_host(cell->scope), now_s);
    evidence_add_measures(d, cell, th, &add, now_s);
    if (!cell->incident && thresholds_add(d, cell, kind, th, &add, NULL, now_s))
        grouping_run(d, cell->scope, now_s);
}

void detector_named(struct detector *d, struct cell_ref ref, uint32_t n, uint32_t at_s)
{
    struct cell *cell = cell_deref(d, ref);

    if (!cell || cell->totals.undecided < n)
        return;
    cell->totals.undecided -= n;
    if (!cell->retired)
        thresholds_take_back(d, cell, n, detector_time(d, scope_host(cell->scope), at_s));
}

void detector_notice(struct detector *d, struct cell_ref ref)
{
    struct cell *cell = cell_deref(d, ref);

    if (cell)
        cell->totals.notices++;
}

void detector_queue(struct detector *d, struct cell_ref ref, int queued, int held)
{
    struct cell *cell = cell_deref(d, ref);

    if (!cell)
        return;
    cell->totals.queued += (uint64_t)(int64_t)queued;
    cell->totals.held += (uint64_t)(int64_t)held;
}

const struct incident *detector_incident_of(const struct detector *d, struct cell_ref ref)
{
    const struct cell *cell = cell_deref(d, ref);

    return cell && cell->incident ? &d->incident[cell->incident - 1] : NULL;
}

/* Whether a grouping may change anything: it reads the whole scope, and most never come near a
 * threshold. */
static bool may_group(const struct detector *d, uint32_t number)
{
    const struct scope *scope = &d->scope[number];

    return scope->dirty && (d->load[scope_host(number)].open ||
                            (scope->near_s && scope->near_s + (uint64_t)THRESHOLDS_DAY_S >=
                                                  grouping_latest(d, number)));
}

void detector_group(struct detector *d)
{
    for (uint32_t scope = 0; scope < d->scope_count; scope++)
        if (may_group(d, scope))
            grouping_run_late(d, scope, d->hosts->host[scope_host(scope)].now_s);
}

static uint32_t count_incidents(const struct detector *d, enum incident_state state)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->incident_count; i++)
        count += d->incident[i].state == state;
    return count;
}

uint32_t detector_cells(const struct detector *d)
{
    return d->cell_used;
}

uint32_t detector_incidents(const struct detector *d)
{
    return d->incident_count - count_incidents(d, INCIDENT_FREE);
}

uint32_t detector_open(const struct detector *d)
{
    return count_incidents(d, INCIDENT_OPEN) - detector_closed(d);
}

uint32_t detector_closed(const struct detector *d)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->incident_count; i++)
        count += d->incident[i].state == INCIDENT_OPEN && d->incident[i].closed_s;
    return count;
}

uint32_t detector_slot(const struct detector *d, const struct incident *incident)
{
    return (uint32_t)(incident - d->incident);
}

bool detector_sum_totals(const struct detector *d, uint32_t *at, uint32_t cells,
                         struct totals *totals, uint32_t room)
{
    uint32_t end = *at + cells;

    for (; *at < d->cell_count && *at < end; ++*at) {
        const struct cell *cell = &d->cell[*at];
        if (!cell->key || !cell->incident || cell->incident > room)
            continue;
        struct totals *sum = &totals[cell->incident - 1];
        totals_add(sum, &cell->totals);
        sum->queued += cell->totals.queued;
        sum->held += cell->totals.held;
    }
    if (*at < d->cell_count)
        return true;
    for (uint32_t i = 0; i < d->incident_count && i < room; i++)
        if (d->incident[i].state != INCIDENT_FREE)
            totals_add(&totals[i], &d->incident[i].base);
    return false;
}

void detector_alerted(struct detector *d, const struct incident *incident, uint64_t recipients)
{
    struct incident *alerted = &d->incident[detector_slot(d, incident)];

    alerted->alerted_recipients = recipients;
    alerted->alerted = true;
}

void detector_fit(struct detector *d)
{
    evict_set_bounds(d);
    while (d->cell_used > d->cell_max)
        evict_cell(d);
    evict_for_bytes(d);
    incidents_fit(d, d->settings->limits.incidents);
}

void detector_sweep(struct detector *d, uint16_t host, uint32_t minute)
{
    evict_sweep(d, host, minute);
}

const struct incident *detector_next_incident(const struct detector *d,
                                              const struct incident *previous)
{
    uint32_t i = previous ? (uint32_t)(previous - d->incident) + 1 : 0;

    while (i < d->incident_count && d->incident[i].state == INCIDENT_FREE)
        i++;
    return i < d->incident_count ? &d->incident[i] : NULL;
}
