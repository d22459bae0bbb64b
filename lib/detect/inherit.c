/* SPDX-License-Identifier: MIT */
#include "detect/inherit.h"

#include <stdlib.h>

#include "base/hash.h"
#include "detect/carry.h"
#include "detect/closing.h"
#include "detect/detector.h"
#include "detect/incidents.h"
#include "detect/once.h"

/* An incident's id and slot. */
struct named {
    char id[INCIDENT_ID_MAX];
    uint32_t slot;
};

/* A cell of an incident, by what it is about, which is the same in any detector. */
struct about {
    uint64_t hash;
    uint32_t slot; /* the incident's */
};

/* What is worked out once of all incidents of a detector. */
struct facts {
    struct totals *totals; /* by slot; first_s is 0 if it has been dropped */
    uint64_t *first;       /* by slot: what the first evidence was about; 0: it was evicted */
    struct named *by_id;   /* sorted */
    struct about *about;   /* sorted */
    uint32_t count, named, abouts;
};

static void facts_done(struct facts *facts)
{
    free(facts->totals);
    free(facts->first);
    free(facts->by_id);
    free(facts->about);
}

static bool facts_allocate(struct facts *facts, const struct detector *d)
{
    facts->count = d->incident_count;
    facts->totals = calloc((size_t)facts->count + 1, sizeof(*facts->totals));
    facts->first = calloc((size_t)facts->count + 1, sizeof(*facts->first));
    facts->by_id = calloc((size_t)facts->count + 1, sizeof(*facts->by_id));
    facts->about = calloc((size_t)d->cell_count + 1, sizeof(*facts->about));
    return facts->totals && facts->first && facts->by_id && facts->about;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, INCIDENT_ID_MAX);
}

static int by_hash(const void *a, const void *b)
{
    const struct about *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static uint64_t hash_about(const struct cell *cell, const struct incident *incident)
{
    const struct intern *const texts[] = {incident->host_name, cell->rest->client,
                                          cell->rest->domain,  cell->rest->sender,
                                          cell->rest->account, cell->rest->recipient};
    uint64_t h = hash_mix(((uint64_t)incident->kind << 8 | incident->cause) + 1, HASH_ODD_1);

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        h = hash_mix(h ^ hash_nocase(intern_span(texts[i]), i), HASH_ODD_2);
    h = hash_mix(h ^ cell->rest->uid, HASH_ODD_1);
    return h ? h : 1;
}

static void look_at_cells(struct facts *facts, const struct detector *d)
{
    uint64_t *first = calloc((size_t)facts->count + 1, sizeof(*first)); /* numbers */

    for (uint32_t i = 0; first && i < d->cell_count; i++) {
        const struct cell *cell = &d->cell[i];
        if (!cell->key || !cell->incident)
            continue;
        uint32_t slot = cell->incident - 1;
        uint64_t hash = hash_about(cell, &d->incident[slot]);
        facts->about[facts->abouts++] = (struct about){hash, slot};
        if (first[slot] && first[slot] <= cell->totals.first_number)
            continue;
        first[slot] = cell->totals.first_number;
        facts->first[slot] = hash;
    }
    qsort(facts->about, facts->abouts, sizeof(*facts->about), by_hash);
    free(first);
}

static bool facts_init(struct facts *facts, const struct detector *d)
{
    uint32_t at = 0;

    if (!facts_allocate(facts, d))
        return false;
    detector_sum_totals(d, &at, d->cell_count, facts->totals, facts->count);
    look_at_cells(facts, d);
    for (uint32_t i = 0; i < facts->count; i++) {
        if (d->incident[i].state == INCIDENT_FREE)
            continue;
        struct named *named = &facts->by_id[facts->named++];
        memcpy(named->id, d->incident[i].id, sizeof(named->id));
        named->slot = i;
    }
    qsort(facts->by_id, facts->named, sizeof(*facts->by_id), by_id);
    return true;
}

/* The incident that had this id at first, or NULL. */
static const struct named *find_id(const struct facts *facts, const char *id)
{
    return bsearch(id, facts->by_id, facts->named, sizeof(*facts->by_id), by_id);
}

/* Whether the incident in that slot has evidence about that. */
static bool has_about(const struct facts *facts, uint64_t hash, uint32_t slot)
{
    const struct about about = {hash, slot};

    return hash && bsearch(&about, facts->about, facts->abouts, sizeof(about), by_hash) != NULL;
}

/* The work at hand. */
struct inheritance {
    struct detector *heir, *old;
    struct facts of_heir, of_old;
    uint32_t since_s, now_s;
    struct inherited *ret;
};

static bool at_the_same_time(const struct inheritance *h, uint32_t mine, uint32_t theirs)
{
    uint32_t slack = (uint32_t)(h->heir->settings->alert.end_after / US_PER_S);
    const struct totals *a = &h->of_heir.totals[mine], *b = &h->of_old.totals[theirs];

    return a->first_s && a->first_s <= b->last_s + slack && b->first_s <= a->last_s + slack;
}

/* One has what the other began with. */
static bool overlap(const struct inheritance *h, uint32_t mine, uint32_t theirs)
{
    return at_the_same_time(h, mine, theirs) &&
           (has_about(&h->of_heir, h->of_old.first[theirs], mine) ||
            has_about(&h->of_old, h->of_heir.first[mine], theirs));
}

/* The heir's incident with this id, or NULL. */
static struct incident *find_mine(const struct inheritance *h, const char *id)
{
    const struct named *named = find_id(&h->of_heir, id);

    return named && h->of_heir.totals[named->slot].first_s /* else it was dropped */
               ? &h->heir->incident[named->slot]
               : NULL;
}

static bool is_older(const struct inheritance *h, uint32_t theirs)
{
    return h->of_old.totals[theirs].first_s < h->since_s;
}

/* The earliest that overlaps. Where the log that was counted anew does not have the beginning, it
 * can only be one that the old detector took for the rest of an older incident. */
static struct incident *find_overlapping(struct inheritance *h, uint32_t theirs)
{
    struct incident *earliest = NULL;

    for (uint32_t i = 0; i < h->of_heir.count; i++) {
        struct incident *mine = &h->heir->incident[i];
        if (overlap(h, i, theirs) && (!earliest || mine->number < earliest->number) &&
            !(is_older(h, theirs) && find_id(&h->of_old, mine->id)))
            earliest = mine;
    }
    return earliest;
}

/* The heir's incident that is the same, or NULL. One that was withdrawn before has none. */
static struct incident *find_same(struct inheritance *h, uint32_t theirs)
{
    const struct incident *old = &h->old->incident[theirs];

    if (old->withdrawn)
        return NULL;
    struct incident *same = find_mine(h, old->id);
    return same ? same : find_overlapping(h, theirs);
}

/* Whether people know an incident that stands by that id. */
static bool stood(const struct inheritance *h, const char *id)
{
    const struct named *named = find_id(&h->of_old, id);

    return named && !h->old->incident[named->slot].withdrawn;
}

/* It is the one that people know, by this id or another. */
static void become(struct inheritance *h, struct incident *mine, const struct incident *old)
{
    const struct totals *totals = &h->of_heir.totals[detector_slot(h->heir, mine)];
    const char *known = old->told_as[0] ? old->told_as : old->id;

    if (old->closed_s)
        closing_copy(h->heir, mine, old);
    if (old->alerted)
        detector_alerted(h->heir, mine, totals->recipients + totals->notices);
    if (old->alerted && !mine->told_as[0] && !stood(h, mine->id))
        memcpy(mine->told_as, known, sizeof(mine->told_as));
}

/* At the bound the older incidents go. */
static void carry(struct inheritance *h, struct incident *old)
{
    bool is_full = detector_incidents(h->heir) >= h->heir->incident_max;

    /* Nothing may have been heard of its host since. */
    if (old->state == INCIDENT_OPEN &&
        (is_full || carry_host(h->heir, old->host_name) == HOSTS_NONE))
        incidents_end(h->old, old, h->now_s);
    if (!is_full && !find_mine(h, old->id))
        carry_incident(h->heir, h->old, old);
}

/* It began before the reading, so what the reading says of the rest of it is no news. */
static void keep_older(struct inheritance *h, struct incident *old, struct incident *mine)
{
    h->ret->carried++;
    if (old->state == INCIDENT_OPEN && mine && mine->state == INCIDENT_OPEN) {
        memcpy(mine->id, old->id, sizeof(mine->id));
        memcpy(mine->told_as, old->told_as, sizeof(mine->told_as));
        carry_into(h->heir, h->old, old, mine);
        return;
    }
    if (mine) {
        h->of_heir.totals[detector_slot(h->heir, mine)].first_s = 0;
        incidents_drop(h->heir, mine);
    }
    carry(h, old);
}

/* Brings `mine` up to what was known when the evidence came, but not beyond its messages. */
static void keep_habit(uint64_t *base, uint64_t mine, uint64_t theirs, uint64_t messages)
{
    if (theirs > messages)
        theirs = messages;
    if (theirs > mine)
        *base += theirs - mine;
}

/* What was counted anew did not have the days that show what is usual. */
static void keep_habits(struct inheritance *h, struct incident *mine, uint32_t theirs)
{
    const struct totals *a = &h->of_heir.totals[detector_slot(h->heir, mine)];
    const struct totals *b = &h->of_old.totals[theirs];

    keep_habit(&mine->base.familiar, a->familiar, b->familiar, a->messages);
    keep_habit(&mine->base.usual, a->usual, b->usual, a->messages);
}

static void inherit(struct inheritance *h, uint32_t theirs)
{
    struct incident *old = &h->old->incident[theirs];
    struct incident *mine = find_same(h, theirs);

    if (mine)
        become(h, mine, old);
    if (old->withdrawn && find_mine(h, old->id)) /* it stands after all */
        find_mine(h, old->id)->raised_s = h->now_s;
    if (is_older(h, theirs)) {
        keep_older(h, old, mine);
    } else if (mine) {
        h->ret->same++;
        keep_habits(h, mine, theirs);
        if (old->state == INCIDENT_OPEN && mine->state == INCIDENT_ENDED)
            incidents_end(h->old, old, h->now_s);
    } else {
        if (!old->withdrawn) {
            incidents_withdraw(h->old, old, h->now_s);
            h->ret->withdrawn++;
        }
        carry(h, old);
    }
}

/* A person closed it before it was withdrawn, and what stands now is no more than he decided about:
 * it is closed as it was, and no news. */
static void come_back_closed(struct inheritance *h, uint32_t theirs)
{
    const struct incident *old = &h->old->incident[theirs];
    struct incident *mine = find_mine(h, old->id);

    if (!mine)
        mine = find_overlapping(h, theirs);
    if (mine && mine->state == INCIDENT_OPEN && !mine->alerted && !mine->closed_s)
        closing_comes_back(h->heir, mine, old);
}

bool detector_inherit(struct detector *heir, struct detector *old, uint32_t since_s, uint32_t now_s,
                      struct inherited *ret)
{
    struct inheritance h = {
        .heir = heir, .old = old, .since_s = since_s, .now_s = now_s, .ret = ret};
    once_build_all(heir); /* cells are compared by their names */
    once_build_all(old);
    bool ok = facts_init(&h.of_heir, heir) && facts_init(&h.of_old, old);

    *ret = (struct inherited){0};
    for (uint32_t i = 0; ok && i < h.of_old.count; i++)
        if (old->incident[i].state != INCIDENT_FREE)
            inherit(&h, i);
    for (uint32_t i = 0; ok && i < h.of_old.count; i++)
        if (old->incident[i].withdrawn && old->incident[i].closed_s)
            come_back_closed(&h, i);
    facts_done(&h.of_heir);
    facts_done(&h.of_old);
    return ok;
}
