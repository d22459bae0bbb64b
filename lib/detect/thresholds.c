/* SPDX-License-Identifier: MIT */
#include "detect/thresholds.h"

#include "base/mail_address.h"
#include "detect/cell.h"
#include "detect/cell_counts.h"
#include "detect/crossing.h"
#include "detect/key_counts.h"
#include "detect/scope.h"

/* Overrides name an account, an address, a uid or a sender, depending on the kind. The narrower one
 * wins. */
static const struct thresholds *find_own(const struct detector *d, const struct cell *cell,
                                         enum kind kind, int *ret_level)
{
    const struct settings *settings = d->settings;
    const struct thresholds *common = &settings->kind[kind], *own = common;

    *ret_level = LEVELS_MAX - 1;
    if (settings->override_count == 0 || !cell->rest)
        return common;
    if (cell->rest->sender)
        own = settings_for(settings, kind, intern_span(cell->rest->sender), -1);
    int level = own == common && scope_keys[kind][0] == KEY_SENDER; /* the one that it names */
    if (kind == KIND_LOCAL_ABUSE && own == common)
        own = settings_for(settings, kind, SPAN_NONE, (int64_t)cell->rest->uid);
    else if (own == common)
        own = settings_for(settings, kind,
                           intern_span(cell_key_text(cell, scope_keys[kind][level])), -1);
    if (own == common && cell->rest->has_two_logins)
        own = settings_for(settings, kind, mail_address_user(intern_span(cell->rest->account)), -1);
    if (own != common)
        *ret_level = level;
    return own;
}

const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind)
{
    int level;

    return d->settings->override_count ? find_own(d, cell, kind, &level) : &d->settings->kind[kind];
}

int thresholds_top(const struct detector *d, const struct cell *cell)
{
    int level;

    find_own(d, cell, scope_kind(cell->scope), &level);
    return level;
}

struct bucket thresholds_bucket(const struct thresholds *th, uint32_t now_s)
{
    uint32_t length = (uint32_t)(th->window / US_PER_S) / WINDOW_BUCKETS;

    length = length ? length : 1;
    return (struct bucket){length, now_s / length};
}

struct bucket thresholds_day_bucket(uint32_t now_s)
{
    enum { LENGTH_S = THRESHOLDS_DAY_S / WINDOW_BUCKETS };

    return (struct bucket){LENGTH_S, now_s / LENGTH_S};
}

uint32_t thresholds_horizon(const struct thresholds *th)
{
    uint32_t window = (uint32_t)(th->window / US_PER_S);

    return th->day_factor && window < THRESHOLDS_DAY_S ? THRESHOLDS_DAY_S : window;
}

static void add_clients(struct detector *d, struct key_count *level, const struct cell *cell)
{
    const struct tally *clients = &cell_lists(cell)->clients;

    for (uint32_t c = 0; c < clients->count; c++)
        key_count_add_client(d, level, clients->entry[c].text);
}

/* What a cell has in its windows. */
static void merge_counts(struct key_count *level, const struct cell *cell, struct bucket last,
                         struct bucket day)
{
    struct counts *counts = key_count_windows(level, last.length);

    for (int i = 0; counts && i < KEY_MEASURES; i++) {
        const struct count *from = counts_of(&cell->rest->counts, i);
        struct count *count = from->day.length ? counts_make(counts, i) : NULL;
        if (!count)
            continue;
        window_merge(&count->now, &from->now, last);
        window_merge(&count->day, &from->day, day);
    }
}

/* The same of a cell's only evidence. */
static void count_once(struct key_count *level, const struct cell *cell,
                       const struct thresholds *th)
{
    struct bucket bucket = thresholds_bucket(th, cell->totals.first_s);
    struct bucket day = thresholds_day_bucket(cell->totals.first_s);
    struct counts *counts = key_count_windows(level, bucket.length);

    for (int i = 0; counts && i < KEY_MEASURES; i++) {
        uint32_t now = cell_sum(cell, i, bucket, false), today = cell_sum(cell, i, day, true);
        struct count *count = now || today ? counts_make(counts, i) : NULL;
        if (count && now)
            window_add(&count->now, bucket, now);
        if (count && today)
            window_add(&count->day, day, today);
    }
}

/* A cell's day has that of its earlier runs in it, so those, which are parked, are left out. */
static void add_to_key(struct key_count *level, const struct cell *cell,
                       const struct thresholds *th, uint32_t now_s)
{
    if (cell->once)
        count_once(level, cell, th);
    else
        merge_counts(level, cell, thresholds_bucket(th, now_s), thresholds_day_bucket(now_s));
    if (cell->totals.last_s > level->last_s)
        level->last_s = cell->totals.last_s;
}

/* Cells share keys, so it takes two passes: the first clears the counts of all keys, the second
 * adds up the cells that no incident holds. */
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s)
{
    enum kind kind = scope_kind(scope);

    if (scope_keys[kind][1] == KEY_NONE)
        return;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = d->scope[scope].first; i; i = d->cell[i - 1].next) {
            struct cell *cell = &d->cell[i - 1];
            if (pass && (cell->incident || cell->parked))
                continue;
            int top;
            const struct thresholds *own = find_own(d, cell, kind, &top);
            for (int l = 0; l <= top && scope_key(kind, l) != KEY_NONE; l++) {
                uint64_t key = cell->level[l];
                struct key_count *level = !key   ? NULL
                                          : pass ? key_counts_get(d, key, scope_host(scope))
                                                 : key_counts_find(d, key);
                if (level && pass)
                    add_to_key(level, cell, own, now_s);
                else if (level)
                    key_count_clear(d, level);
                if (level && pass && kind == KIND_BACKSCATTER_VICTIM && l > 0)
                    add_clients(d, level, cell);
            }
        }
}

/* A grouping visits the whole scope. If the last one found nothing to raise under this key, it is
 * worth another try only after an eighth more evidence. */
static bool worth_grouping(uint32_t *failed, uint64_t measure)
{
    if (*failed && measure >= *failed && measure < *failed + *failed / 8 + 1)
        return false;
    *failed = (uint32_t)measure;
    return true;
}

static uint64_t networks_since(struct detector *d, const struct cell *cell, uint32_t since_s)
{
    const struct cell *earlier = cell_earlier(d, cell);
    struct tally all = {0};

    if (!earlier)
        return tally_since(&cell_lists(cell)->networks, since_s);
    for (; cell; cell = cell_earlier(d, cell))
        tally_merge(&all, d->texts, &cell_lists(cell)->networks, TALLY_MAX);
    uint64_t networks = tally_since(&all, since_s);
    tally_done(&all, d->texts);
    return networks;
}

/* There may be as many as that; where there are not, they need no counting. */
static bool may_have_networks(const struct detector *d, const struct cell *cell, uint64_t networks)
{
    uint64_t sum = 0;

    for (; cell; cell = cell_earlier(d, cell))
        sum += cell_lists(cell)->networks.count;
    return networks && sum >= networks;
}

static uint32_t since(uint32_t at_s, uint32_t window_s)
{
    return at_s > window_s ? at_s - window_s : 0;
}

/* For kinds with a single key, accounts: the cell's own windows are the key's count. */
static bool crosses_alone(struct detector *d, const struct cell *cell, enum kind kind,
                          const struct thresholds *th, uint32_t at_s)
{
    enum key_type type = scope_keys[kind][0];
    struct bucket bucket = thresholds_bucket(th, cell->totals.last_s);
    struct bucket day = thresholds_day_bucket(cell->totals.last_s);
    struct measured now = {0}, today = {0};
    struct crossing crossing;

    for (int i = 0; i < MEASURES; i++) {
        for (const struct cell *run = cell; run; run = cell_earlier(d, run))
            now.count[i] += counts_of(&run->rest->counts, i)->run
                                ? window_sum(&counts_of(&run->rest->counts, i)->now, bucket)
                                : 0;
        today.count[i] = window_sum(&counts_of(&cell->rest->counts, i)->day, day);
    }
    const struct tally *networks = &cell_lists(cell)->networks;
    if (networks->count >= th->networks && th->networks)
        now.networks = tally_since(networks, since(at_s, (uint32_t)(th->window / US_PER_S)));
    if (may_have_networks(d, cell, (uint64_t)th->networks * th->day_factor))
        today.networks = networks_since(d, cell, since(at_s, THRESHOLDS_DAY_S));
    return crossing_find(th, kind, type, &now, (struct rule){0}, &crossing) ||
           crossing_find(th, kind, type, &today, (struct rule){.in_a_day = true}, &crossing);
}

/* What is common to all keys that a piece of evidence counts under. */
struct counting {
    enum kind kind;
    const struct thresholds *th;
    bool is_override; /* th is not the kind's */
    const struct added *add;
    uint32_t at_s;
    struct bucket bucket, day; /* of at_s */
};

static void add_measure(struct counts *counts, enum measure measure, const struct counting *c)
{
    uint32_t now = c->add->now[measure], today = c->add->day[measure];
    struct count *count = now || today ? counts_make(counts, measure) : NULL;

    if (count && now)
        window_add(&count->now, c->bucket, now);
    if (count && today)
        window_add(&count->day, c->day, today);
}

static bool is_in_latest(const struct key_count *level, const struct counting *c)
{
    return bucket_has(c->bucket, level->last_s) && bucket_has(c->day, level->last_s);
}

/* A key may have been dropped at the bound since the cell's earlier evidence: a key without any
 * takes what its cell has in the window, this evidence included. */
static void count_under(struct key_count *level, const struct cell *cell, const struct counting *c)
{
    if (!level->last_s && cell->rest) {
        merge_counts(level, cell, c->bucket, c->day);
        return;
    }
    int n = c->add->measures < KEY_MEASURES ? c->add->measures : KEY_MEASURES;
    if ((!level->last_s || is_in_latest(level, c)) &&
        key_count_add(level, c->add->now, c->add->day, n))
        return;
    struct counts *counts = key_count_windows(level, c->bucket.length);
    if (counts && c->at_s > level->last_s && key_count_add(level, c->add->now, c->add->day, n))
        return;
    for (int i = 0; counts && i < n; i++)
        add_measure(counts, (enum measure)i, c);
}

/* After a window of silence, nothing that was tried or seen before counts. */
static void forget_old_run(struct detector *d, struct key_count *level, const struct thresholds *th,
                           uint32_t at_s)
{
    if (level->last_s + th->window / US_PER_S >= at_s)
        return;
    level->failed = 0;
    if (level->last_s + thresholds_horizon(th) >= at_s)
        return;
    level->failed_day = 0;
    key_count_drop_clients(d, level);
}

/* At most so many different ones, in all its runs. */
static uint64_t clients_seen(const struct detector *d, const struct cell *cell)
{
    uint64_t sum = 0;

    for (; cell; cell = cell_earlier(d, cell))
        sum += cell_lists(cell)->clients.count;
    return sum;
}

/* None of the measures grows by more than the first, so a key's sums need not be made again before
 * as much has come as was missing. */
static bool spare_is_used(uint32_t *spare, const uint32_t *add, const struct counting *c)
{
    *spare -= add[MEASURE_MAIN] < *spare ? add[MEASURE_MAIN] : *spare;
    return !*spare || c->is_override;
}

/* Whether a key whose count has just grown may cross a threshold; *ret_near is set if it does, even
 * if another grouping is not worth its cost. */
static bool key_crosses(struct key_count *level, const struct counting *c, enum key_type type,
                        uint64_t clients, bool in_a_day, bool *ret_near)
{
    struct measured measured = {.clients = clients};
    struct crossing_check check;

    /* Evidence that comes late is seen with what is there now, not with all that followed. */
    struct bucket last =
        in_a_day ? thresholds_day_bucket(level->last_s) : thresholds_bucket(c->th, level->last_s);
    for (int i = 0; i < KEY_MEASURES; i++)
        measured.count[i] = key_count_sum(level, i, last, in_a_day);
    bool crosses = crossing_check(c->th, c->kind, type, &measured,
                                  (struct rule){.in_a_day = in_a_day}, &check);
    if (!c->is_override)
        *(in_a_day ? &level->spare_day : &level->spare) = crosses ? 0 : (uint32_t)check.missing;
    *ret_near |= crosses;
    return crosses && worth_grouping(in_a_day ? &level->failed_day : &level->failed,
                                     measured.count[MEASURE_MAIN]);
}

/* Counts it under the key at that level, and tells whether that may cross a threshold. */
static bool add_under(struct detector *d, const struct cell *cell, int l, const struct counting *c,
                      struct intern *client, bool *ret_near)
{
    struct key_count *level = key_counts_get(d, cell->level[l], scope_host(cell->scope));
    enum key_type type = scope_keys[c->kind][l];

    if (!level)
        return false;
    forget_old_run(d, level, c->th, c->at_s);
    count_under(level, cell, c);
    if (c->at_s > level->last_s)
        level->last_s = c->at_s;
    if (client && l > 0)
        key_count_add_client(d, level, client);
    uint64_t clients = l > 0 ? key_count_clients(level) : clients_seen(d, cell);
    bool now = spare_is_used(&level->spare, c->add->now, c) &&
               key_crosses(level, c, type, clients, false, ret_near);
    bool today = spare_is_used(&level->spare_day, c->add->day, c) &&
                 key_crosses(level, c, type, clients, true, ret_near);
    return now || today;
}

bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const struct added *add, struct intern *client,
                    uint32_t at_s)
{
    const struct counting c = {kind,
                               own,
                               own != &d->settings->kind[kind],
                               add,
                               at_s,
                               thresholds_bucket(own, at_s),
                               thresholds_day_bucket(at_s)};
    bool crossed = false, near = false;
    int top = c.is_override ? thresholds_top(d, cell) : LEVELS_MAX - 1;
    struct scope *scope = &d->scope[cell->scope];

    if (scope_keys[kind][1] == KEY_NONE)
        crossed = near = crosses_alone(d, cell, kind, own, at_s);
    else
        for (int l = 0; l <= top && scope_key(kind, l) != KEY_NONE; l++)
            crossed |= cell->level[l] && add_under(d, cell, l, &c, client, &near);
    if (near && at_s > scope->near_s)
        scope->near_s = at_s;
    return crossed;
}

static void take_back(struct count *count, struct bucket bucket, struct bucket day, uint32_t n)
{
    window_take_back(&count->now, bucket, n);
    window_take_back(&count->day, day, n);
}

void thresholds_take_back(struct detector *d, struct cell *cell, uint32_t n, uint32_t at_s)
{
    enum kind kind = scope_kind(cell->scope);
    const struct thresholds *own = thresholds_for(d, cell, kind);
    struct bucket bucket = thresholds_bucket(own, at_s), day = thresholds_day_bucket(at_s);

    take_back(&cell->rest->counts.main, bucket, day, n);
    cell->rest->counts.main.run -=
        n < cell->rest->counts.main.run ? n : cell->rest->counts.main.run;
    for (int l = 0; !cell->incident && l < LEVELS_MAX; l++) {
        struct key_count *level = cell->level[l] ? key_counts_find(d, cell->level[l]) : NULL;
        if (!level)
            continue;
        struct counts *counts = key_count_windows(level, bucket.length);
        if (counts)
            take_back(&counts->main, bucket, day, n);
    }
}
