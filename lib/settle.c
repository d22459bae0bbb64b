/* SPDX-License-Identifier: MIT */
/*
 * Which cells make which incident. A function of the cells, in four steps:
 *
 *   1. From the narrowest level on, a key whose cells cross its threshold, counting only cells that
 *      no narrower key has claimed, claims them.
 *   2. Folding: two or more claims that lie together, at least 90 % of their messages, under one
 *      wider key (not the host) become one on that key.
 *   3. The host: where more than three claims remain, or where what is unclaimed crosses the host's
 *      threshold and the claims hold less than 90 % of all, one claim on the host takes everything.
 *   4. Claims are matched with the incidents there are: the oldest among a claim's keeps its id.
 *
 * Inside an open incident a cell counts with all it ever had; outside with its window, so that an
 * incident does not fall apart when its attack slows down.
 */
#include "detector.h"

#include <stdio.h>
#include <stdlib.h>

#include "hash.h"

enum { COVER_PERCENT = 90, MAJORITY_PERCENT = 50, CLAIMS_MAX = 3 };

struct claim {
    int level;
    uint64_t key;
    uint64_t messages;
    uint64_t first; /* number of its first observation */
    int into;       /* the claim it was folded into, or -1 */
    uint32_t under; /* messages under the key that is looked at */
};

struct item {
    uint32_t cell; /* index */
    int claim;     /* index, or -1 */
    uint64_t key;  /* at the level that is looked at */
};

struct settling {
    struct detector *d;
    uint32_t field;
    enum kind kind;
    uint32_t now_s;
    struct item *item;
    uint32_t item_count;
    struct claim *claim;
    int claim_count;
};

static struct cell *cell_of(const struct settling *s, const struct item *item)
{
    return &s->d->cell[item->cell];
}

/* The claim that holds an item now, after all folding; -1 for none. */
static int claim_of(struct settling *s, struct item *item)
{
    int c = item->claim;

    while (c >= 0 && s->claim[c].into >= 0)
        c = s->claim[c].into;
    item->claim = c; /* the next one need not go the same way */
    return c;
}

static bool is_open(const struct settling *s, const struct cell *cell)
{
    return cell->incident && s->d->incident[cell->incident - 1].state == INCIDENT_OPEN;
}

static bool gather(struct settling *s)
{
    struct field *field = &s->d->field[s->field];
    uint32_t window = (uint32_t)(s->d->settings->kind[s->kind].window / US_PER_S);

    s->item = calloc(field->cells + 1, sizeof(*s->item));
    s->claim = calloc((size_t)field->cells * 2 + 2, sizeof(*s->claim));
    if (!s->item || !s->claim)
        return false;
    for (uint32_t i = field->first; i; i = s->d->cell[i - 1].next) {
        struct cell *cell = &s->d->cell[i - 1];
        if (is_open(s, cell) || cell->totals.last_s + (uint64_t)window >= s->now_s)
            s->item[s->item_count++] = (struct item){.cell = i - 1, .claim = -1};
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static void sort_by_level(struct settling *s, int level)
{
    for (uint32_t i = 0; i < s->item_count; i++)
        s->item[i].key = cell_of(s, &s->item[i])->level[level];
    qsort(s->item, s->item_count, sizeof(*s->item), by_key);
}

/* The end of the run of equal keys that begins at `from`. */
static uint32_t run_end(const struct settling *s, uint32_t from)
{
    uint32_t to = from;

    while (to < s->item_count && s->item[to].key == s->item[from].key)
        to++;
    return to;
}

static void add_cell(const struct settling *s, const struct cell *cell, uint64_t measure[MEASURES])
{
    uint32_t bucket = detector_bucket(detector_thresholds(s->d, cell, s->kind), s->now_s);

    for (int i = 0; i < MEASURES; i++)
        measure[i] += is_open(s, cell) ? cell->measure[i] : window_sum(&cell->window[i], bucket);
}

/* How many different clients the unclaimed cells of a run have seen in the window. */
static uint64_t count_clients(const struct settling *s, uint32_t from, uint32_t to)
{
    struct tally all = {0};
    uint32_t window = (uint32_t)(s->d->settings->kind[s->kind].window / US_PER_S);

    for (uint32_t i = from; i < to; i++)
        if (s->item[i].claim < 0)
            tally_merge(&all, &cell_of(s, &s->item[i])->clients, TALLY_CLIENTS_MAX);
    uint64_t n = tally_since(&all, s->now_s > window ? s->now_s - window : 0);
    tally_done(&all, s->d->texts);
    return n;
}

static void claim_run(struct settling *s, int level, uint32_t from, uint32_t to)
{
    struct claim *claim = &s->claim[s->claim_count];

    *claim = (struct claim){.level = level, .key = s->item[from].key, .first = UINT64_MAX,
                            .into = -1};
    for (uint32_t i = from; i < to; i++) {
        if (s->item[i].claim >= 0)
            continue;
        s->item[i].claim = s->claim_count;
        claim->messages += cell_of(s, &s->item[i])->totals.messages;
        if (cell_of(s, &s->item[i])->totals.first_number < claim->first)
            claim->first = cell_of(s, &s->item[i])->totals.first_number;
    }
    s->claim_count++;
}

static void claim_level(struct settling *s, int level)
{
    enum key_type type = detector_level(s->kind, level);

    sort_by_level(s, level);
    for (uint32_t from = 0, to; from < s->item_count; from = to) {
        uint64_t measure[MEASURES] = {0}, networks = 0;
        const struct cell *one = cell_of(s, &s->item[from]);
        const struct thresholds *th =
            level == 0 ? detector_thresholds(s->d, one, s->kind) : &s->d->settings->kind[s->kind];
        uint32_t window = (uint32_t)(th->window / US_PER_S);
        to = run_end(s, from);
        if (!s->item[from].key)
            continue;
        uint32_t unclaimed = 0;
        for (uint32_t i = from; i < to; i++)
            if (s->item[i].claim < 0) {
                const struct cell *cell = cell_of(s, &s->item[i]);
                add_cell(s, cell, measure);
                networks += tally_since(
                    &cell->networks, is_open(s, cell) || s->now_s < window ? 0 : s->now_s - window);
                unclaimed++;
            }
        if (!unclaimed)
            continue;
        uint64_t clients = s->kind == KIND_BACKSCATTER_VICTIM ? count_clients(s, from, to) : 0;
        if (th->enabled && detector_crosses(s->d, th, s->kind, type, measure, clients, networks))
            claim_run(s, level, from, to);
    }
}

/* What has thresholds of its own is judged by them alone: it makes no wider key suspect. */
static void leave_out_overridden(struct settling *s)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct cell *cell = cell_of(s, &s->item[i]);
        if (s->item[i].claim >= 0 || is_open(s, cell) || !detector_is_overridden(s->d, cell))
            s->item[kept++] = s->item[i];
    }
    s->item_count = kept;
}

/* Each claim's share of the run goes to claim.under. */
static void shares_of_run(struct settling *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (claim_of(s, &s->item[i]) >= 0)
            s->claim[s->item[i].claim].under = 0;
    for (uint32_t i = from; i < to; i++)
        if (s->item[i].claim >= 0)
            s->claim[s->item[i].claim].under += (uint32_t)cell_of(s, &s->item[i])->totals.messages;
}

static bool mostly_under(const struct claim *claim)
{
    return claim->under * (uint64_t)100 >= claim->messages * MAJORITY_PERCENT;
}

static void add_to_claim(struct claim *claim, uint64_t messages, uint64_t first)
{
    claim->messages += messages;
    if (first < claim->first)
        claim->first = first;
}

/* Makes one claim on the run's key of the claims that lie mostly under it, and of what is unclaimed.
 * The work is the run's, not the field's: a flood folds many. */
static void fold_run(struct settling *s, int level, uint32_t from, uint32_t to)
{
    int one = s->claim_count++;
    struct claim *claim = &s->claim[one];

    *claim = (struct claim){.level = level, .key = s->item[from].key, .first = UINT64_MAX,
                            .into = -1};
    for (uint32_t i = from; i < to; i++) {
        int c = claim_of(s, &s->item[i]);
        if (c < 0) {
            const struct totals *t = &cell_of(s, &s->item[i])->totals;
            s->item[i].claim = one;
            add_to_claim(claim, t->messages, t->first_number);
        } else if (c != one && mostly_under(&s->claim[c])) {
            s->claim[c].into = one;
            add_to_claim(claim, s->claim[c].messages, s->claim[c].first);
        }
    }
}

static void fold_level(struct settling *s, int level)
{
    sort_by_level(s, level);
    for (uint32_t from = 0, to; from < s->item_count; from = to) {
        uint64_t under = 0, all = 0;
        int together = 0;
        to = run_end(s, from);
        if (!s->item[from].key)
            continue;
        shares_of_run(s, from, to);
        for (uint32_t i = from; i < to; i++) {
            struct claim *claim = s->item[i].claim >= 0 ? &s->claim[s->item[i].claim] : NULL;
            if (!claim || !claim->under || !mostly_under(claim))
                continue;
            together++;
            under += claim->under;
            all += claim->messages;
            claim->under = 0; /* counted */
        }
        if (together < 2 || under * 100 < all * COVER_PERCENT)
            continue;
        shares_of_run(s, from, to);
        fold_run(s, level, from, to);
    }
}

static void claim_host(struct settling *s, int level)
{
    uint64_t measure[MEASURES] = {0}, claimed = 0, all = 0;
    int claims = 0;

    for (int i = 0; i < s->claim_count; i++)
        claims += s->claim[i].into < 0;
    for (uint32_t i = 0; i < s->item_count; i++) {
        const struct cell *cell = cell_of(s, &s->item[i]);
        all += cell->totals.messages;
        if (claim_of(s, &s->item[i]) >= 0)
            claimed += cell->totals.messages;
        else
            add_cell(s, cell, measure);
    }
    bool rest =
        detector_crosses(s->d, &s->d->settings->kind[s->kind], s->kind, KEY_HOST, measure, 0, 0) &&
        claimed * 100 < all * COVER_PERCENT;
    if (claims <= CLAIMS_MAX && !rest)
        return;
    s->claim_count = 0;
    for (uint32_t i = 0; i < s->item_count; i++)
        s->item[i].claim = -1;
    sort_by_level(s, level);
    claim_run(s, level, 0, s->item_count);
}

/* --- claims and incidents ------------------------------------------------------------------------ */

static struct text *key_text(struct settling *s, const struct claim *claim, const struct cell *cell)
{
    char buf[NETWORK_TEXT_MAX];
    struct text *text = NULL;

    switch (detector_level(s->kind, claim->level)) {
    case KEY_CLIENT:
        text = cell->client;
        break;
    case KEY_NETWORK:
        return text_get(s->d->texts, span_str(network_print(&cell->network, buf)));
    case KEY_SENDER_DOMAIN:
        text = cell->domain;
        break;
    case KEY_ACCOUNT:
        text = cell->account;
        break;
    case KEY_UID:
        snprintf(buf, sizeof(buf), "%u", cell->uid);
        return text_get(s->d->texts, span_str(buf));
    case KEY_HOST:
        text = s->d->hosts->host[detector_field_host(s->field)].name;
        break;
    case KEY_RECIPIENT:
        text = cell->recipient;
        break;
    case KEY_RECIPIENT_DOMAIN:
        text = cell->recipient_domain;
        break;
    default:
        break;
    }
    return text_ref(text);
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
    struct incident *oldest = NULL;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_FREE)
            return incident;
        if (!oldest || (incident->state == INCIDENT_ENDED) > (oldest->state == INCIDENT_ENDED) ||
            (incident->state == oldest->state && incident->last_s < oldest->last_s))
            oldest = incident;
    }
    if (d->incident_count < d->incident_max)
        return &d->incident[d->incident_count++];
    /* Give up the one that has been over, or silent, longest. */
    d->counters.incidents_evicted++;
    detector_drop_incident(d, oldest);
    return oldest;
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

static void keep_narrower(struct detector *d, struct incident *incident, struct text *key)
{
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        if (incident->narrower[i] == key)
            return;
    if (incident->narrower_count < NARROWER_MAX)
        incident->narrower[incident->narrower_count++] = text_ref(key);
    else
        incident->narrower_more++;
    (void)d;
}

/* `other` goes on inside `incident`. */
static void merge_incident(struct settling *s, struct incident *incident, struct incident *other)
{
    uint32_t number = (uint32_t)(incident - s->d->incident) + 1;
    uint32_t other_number = (uint32_t)(other - s->d->incident) + 1;

    keep_narrower(s->d, incident, other->key_text);
    for (uint32_t i = 0; i < other->narrower_count; i++)
        keep_narrower(s->d, incident, other->narrower[i]);
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

/* The cells of items[from .. to), the claim's, are marked as held by its incident; others' claims to
 * it end. */
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
            keep_narrower(s->d, incident, old);
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

static void match_claims(struct settling *s)
{
    struct claim_run *run = calloc((size_t)s->claim_count + 1, sizeof(*run));
    bool *taken = calloc(s->d->incident_max, sizeof(*taken));
    size_t n = 0;

    for (uint32_t i = 0; i < s->item_count; i++)
        s->item[i].key = (uint64_t)(claim_of(s, &s->item[i]) + 1);
    qsort(s->item, s->item_count, sizeof(*s->item), by_key);
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

void settle_field(struct detector *d, uint32_t field, uint32_t now_s)
{
    struct settling s = {
        .d = d, .field = field, .kind = detector_field_kind(d, field), .now_s = now_s};
    int host = -1;

    if (gather(&s)) {
        for (int l = 0; l < LEVELS_MAX && detector_level(s.kind, l) != KEY_NONE; l++) {
            if (detector_level(s.kind, l) == KEY_HOST)
                host = l;
            else
                claim_level(&s, l);
            if (l == 0)
                leave_out_overridden(&s);
        }
        for (int l = 1; l < LEVELS_MAX && detector_level(s.kind, l) != KEY_NONE; l++)
            if (l != host)
                fold_level(&s, l);
        if (host >= 0)
            claim_host(&s, host);
        match_claims(&s);
        detector_rebuild_levels(d, field, now_s);
        d->field[field].dirty = false;
        d->field[field].settled_s = now_s;
    }
    free(s.item);
    free(s.claim);
}

uint32_t settle_latest(const struct detector *d, uint32_t field)
{
    uint32_t latest = 0;

    for (uint32_t i = d->field[field].first; i; i = d->cell[i - 1].next)
        if (d->cell[i - 1].totals.last_s > latest)
            latest = d->cell[i - 1].totals.last_s;
    return latest;
}

void settle_late(struct detector *d, uint32_t field, uint32_t now_s)
{
    uint32_t latest = settle_latest(d, field);

    settle_field(d, field, latest && latest < now_s ? latest : now_s);
}
