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
#include "detect/grouping_internal.h"

#include <stdlib.h>

enum { COVER_PERCENT = 90, MAJORITY_PERCENT = 50, CLAIMS_MAX = 3 };

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
            s->item[s->item_count++] =
                (struct item){.cell = i - 1, .claim = -1, .first = cell->totals.first_number};
    }
    return true;
}

static void sort_by_level(struct settling *s, int level)
{
    for (uint32_t i = 0; i < s->item_count; i++)
        s->item[i].key = cell_of(s, &s->item[i])->level[level];
    qsort(s->item, s->item_count, sizeof(*s->item), item_by_key);
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

    *claim =
        (struct claim){.level = level, .key = s->item[from].key, .first = UINT64_MAX, .into = -1};
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
        if (th->enabled && detector_crosses(th, s->kind, type, measure, clients, networks))
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

/* Makes one claim on the run's key of the claims that lie mostly under it, and of what is
 * unclaimed. The work is the run's, not the field's: a flood folds many. */
static void fold_run(struct settling *s, int level, uint32_t from, uint32_t to)
{
    int one = s->claim_count++;
    struct claim *claim = &s->claim[one];

    *claim =
        (struct claim){.level = level, .key = s->item[from].key, .first = UINT64_MAX, .into = -1};
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
    const struct thresholds *th = &s->d->settings->kind[s->kind];
    bool rest = th->enabled && detector_crosses(th, s->kind, KEY_HOST, measure, 0, 0) &&
                claimed * 100 < all * COVER_PERCENT;
    if (claims <= CLAIMS_MAX && !rest)
        return;
    s->claim_count = 0;
    for (uint32_t i = 0; i < s->item_count; i++)
        s->item[i].claim = -1;
    sort_by_level(s, level);
    claim_run(s, level, 0, s->item_count);
}

void settle_field(struct detector *d, uint32_t field, uint32_t now_s)
{
    struct settling s = {
        .d = d, .field = field, .kind = detector_field_kind(field), .now_s = now_s};
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
        settle_match(&s);
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
