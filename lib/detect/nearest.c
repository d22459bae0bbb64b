/* SPDX-License-Identifier: MIT */
#include "detect/nearest.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/cell.h"
#include "detect/key_counts.h"
#include "detect/scope.h"
#include "detect/thresholds.h"

/* The group of a kind, and the level of its key there; -1 if it has none. */
static const struct {
    int group, level;
} places[KIND_COUNT] = {
    [KIND_OPEN_RELAY] = {NEAREST_CLIENTS, 0}, [KIND_ACCOUNT_ABUSE] = {NEAREST_ACCOUNTS, 0},
    [KIND_LOCAL_ABUSE] = {NEAREST_UIDS, 1},   [KIND_TRUSTED_RELAY] = {NEAREST_CLIENTS, 1},
    [KIND_BACKSCATTER_SOURCE] = {-1, 0},      [KIND_BACKSCATTER_VICTIM] = {-1, 0},
};

static void name(struct nearest_key *key, const struct cell *cell)
{
    const struct once *once = cell->once;
    struct span text = once                              ? client_address(intern_span(once->client))
                       : key->kind == KIND_ACCOUNT_ABUSE ? intern_span(cell->rest->account)
                                                         : intern_span(cell->rest->client);

    if (key->kind == KIND_LOCAL_ABUSE)
        snprintf(key->name, sizeof(key->name), "%u", once ? once->uid : cell->rest->uid);
    else
        snprintf(key->name, sizeof(key->name), "%.*s", SPAN_ARG(text));
}

/* What the key has in its window, or in that of a day. */
static uint32_t value_of(struct detector *d, const struct cell *cell, enum kind kind,
                         struct bucket last, bool in_a_day)
{
    uint32_t sum = 0;

    if (scope_key(kind, 1) != KEY_NONE) {
        const struct key_count *level = key_counts_find(d, cell->level[places[kind].level]);
        return level ? key_count_sum(level, MEASURE_MAIN, last, in_a_day) : 0;
    }
    if (in_a_day) /* a cell's day has that of its earlier runs in it */
        return counts_sum(&cell->rest->counts, MEASURE_MAIN, last, true);
    for (const struct cell *run = cell; run; run = cell_earlier(d, run))
        sum += counts_sum(&run->rest->counts, MEASURE_MAIN, last, false);
    return sum;
}

static uint32_t permille(uint32_t value, uint64_t threshold)
{
    return threshold ? (uint32_t)((uint64_t)value * 1000 / threshold) : 0;
}

/* By the window in which it is nearer to its threshold. */
static void measure(struct nearest_key *key, struct detector *d, const struct cell *cell,
                    uint32_t now_s)
{
    const struct thresholds *th = thresholds_for(d, cell, key->kind);
    uint32_t now = value_of(d, cell, key->kind, thresholds_bucket(th, now_s), false);
    uint32_t today = value_of(d, cell, key->kind, thresholds_day_bucket(now_s), true);
    bool in_a_day = th->day_factor && today / th->day_factor > now;

    key->value = in_a_day ? today : now;
    key->threshold = in_a_day ? th->recipients * th->day_factor : th->recipients;
    key->window_s = in_a_day ? THRESHOLDS_DAY_S : (uint32_t)(th->window / US_PER_S);
    key->wide =
        key->kind == KIND_LOCAL_ABUSE && th == &d->settings->kind[key->kind] ? th->wide_factor : 1;
    key->permille = permille(key->value, key->threshold);
}

static void see(struct nearest *nearest, struct detector *d, const struct cell *cell,
                uint32_t now_s)
{
    enum kind kind = scope_kind(cell->scope);
    struct nearest_key *keys, *least = NULL;
    int group = places[kind].group;

    if (group < 0 || !d->settings->kind[kind].enabled || !cell->level[places[kind].level])
        return;
    struct nearest_key key = {.key = cell->level[places[kind].level], .kind = kind, .senders = 1};
    keys = nearest->key[group];
    for (uint32_t i = 0; i < nearest->count[group]; i++) {
        if (keys[i].key == key.key) {
            keys[i].senders++;
            return;
        }
        if (!least || keys[i].permille < least->permille)
            least = &keys[i];
    }
    measure(&key, d, cell, now_s);
    if (nearest->count[group] < NEAREST_KEPT)
        least = &keys[nearest->count[group]++];
    else if (key.permille <= least->permille)
        return;
    name(&key, cell);
    *least = key;
}

bool nearest_look(struct nearest *nearest, struct detector *d, uint32_t *at, uint32_t cells,
                  uint32_t now_s)
{
    for (; cells && *at < d->cell_count; cells--, ++*at) {
        const struct cell *cell = &d->cell[*at];
        if (cell->key && !cell->incident && !cell->parked && !cell->retired)
            see(nearest, d, cell, now_s);
    }
    return *at < d->cell_count;
}

static int by_share(const void *a, const void *b)
{
    const struct nearest_key *x = a, *y = b;

    if (x->permille != y->permille)
        return x->permille > y->permille ? -1 : 1;
    return strcmp(x->name, y->name);
}

void nearest_sort(struct nearest *nearest)
{
    for (int group = 0; group < NEAREST_GROUPS; group++) {
        struct nearest_key *keys = nearest->key[group];
        uint32_t n = 0;
        for (uint32_t i = 0; i < nearest->count[group]; i++) {
            if (keys[i].senders >= SHARED_SENDERS && keys[i].wide > 1) {
                keys[i].threshold *= keys[i].wide;
                keys[i].wide = 1;
                keys[i].permille = permille(keys[i].value, keys[i].threshold);
            }
            if (keys[i].value)
                keys[n++] = keys[i];
        }
        nearest->count[group] = n;
        qsort(keys, n, sizeof(*keys), by_share);
    }
}
