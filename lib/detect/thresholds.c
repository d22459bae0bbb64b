/* SPDX-License-Identifier: MIT */
#include "detect/thresholds.h"

#include "detect/key_counts.h"
#include "detect/scope.h"

/* Overrides name an account, an address or a uid, depending on the kind. */
const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind)
{
    struct span subject = SPAN_NONE;

    if (d->settings->override_count == 0)
        return &d->settings->kind[kind];
    if (kind == KIND_ACCOUNT_ABUSE)
        subject = intern_span(cell->account);
    else if (kind == KIND_BACKSCATTER_VICTIM)
        subject = intern_span(cell->recipient);
    else if (kind != KIND_LOCAL_ABUSE)
        subject = intern_span(cell->client);
    return settings_for(d->settings, kind, subject,
                        kind == KIND_LOCAL_ABUSE ? (int64_t)cell->uid : -1);
}

bool thresholds_overridden(const struct detector *d, const struct cell *cell)
{
    enum kind kind = scope_kind(cell->scope);

    return thresholds_for(d, cell, kind) != &d->settings->kind[kind];
}

struct bucket thresholds_bucket(const struct thresholds *th, uint32_t now_s)
{
    uint32_t length = (uint32_t)(th->window / US_PER_S) / WINDOW_BUCKETS;

    length = length ? length : 1;
    return (struct bucket){length, now_s / length};
}

bool thresholds_crossed(const struct thresholds *th, enum kind kind, enum key_type type,
                        const uint64_t measure[MEASURES], uint64_t clients, uint64_t networks)
{
    /* A whole host or domain has a higher threshold, by wide_factor, than a single sender. */
    bool wide = type == KEY_HOST || type == KEY_RECIPIENT_DOMAIN;
    uint64_t factor = wide && th->wide_factor ? th->wide_factor : 1;

    switch (kind) {
    case KIND_OPEN_RELAY:
    case KIND_LOCAL_ABUSE:
        return measure[0] >= th->recipients * factor;
    case KIND_ACCOUNT_ABUSE:
        return measure[0] >= th->recipients ||
               (networks >= th->networks && measure[0] >= th->networks_recipients) ||
               (measure[1] >= th->refused &&
                measure[1] * 100 >= measure[0] * (uint64_t)th->refused_percent) ||
               measure[2] >= th->null_sender;
    case KIND_TRUSTED_RELAY:
        return measure[0] >= th->recipients * factor ||
               measure[1] >= th->foreign_recipients * factor;
    case KIND_BACKSCATTER_SOURCE:
        return measure[0] >= th->notices;
    case KIND_BACKSCATTER_VICTIM:
        return measure[0] >= th->messages * factor && clients >= th->clients;
    default:
        return false;
    }
}

static void add_clients(struct detector *d, struct key_count *level, const struct cell *cell)
{
    for (uint32_t c = 0; c < cell->clients.count; c++)
        key_count_add_client(d, level, cell->clients.entry[c].text);
}

/* Cells share keys, so it takes two passes: the first clears the counts of all keys, the second
 * adds up the cells that no incident holds. */
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s)
{
    enum kind kind = scope_kind(scope);
    const struct thresholds *common = &d->settings->kind[kind];

    if (scope_keys[kind][1] == KEY_NONE)
        return;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = d->scope[scope].first; i; i = d->cell[i - 1].next) {
            struct cell *cell = &d->cell[i - 1];
            if (pass && cell->incident)
                continue;
            const struct thresholds *own = thresholds_for(d, cell, kind);
            int top = own != common ? 1 : LEVELS_MAX;
            for (int l = 0; l < top && scope_keys[kind][l] != KEY_NONE; l++) {
                uint64_t key = cell->level[l];
                struct key_count *level = !key   ? NULL
                                          : pass ? key_counts_get(d, key, scope_host(scope))
                                                 : key_counts_find(d, key);
                if (!level)
                    continue;
                if (!pass) {
                    memset(level->window, 0, sizeof(level->window));
                    key_count_drop_clients(d, level);
                    continue;
                }
                struct bucket last = thresholds_bucket(l == 0 ? own : common, now_s);
                window_merge(&level->window[0], &cell->window[0], last);
                window_merge(&level->window[1], &cell->window[1], last);
                if (cell->totals.last_s > level->last_s)
                    level->last_s = cell->totals.last_s;
                if (kind == KIND_BACKSCATTER_VICTIM && l > 0)
                    add_clients(d, level, cell);
            }
        }
}

/* A grouping visits the whole scope. If the last one found nothing to raise under this key, it is
 * worth another try only after an eighth more evidence. */
static bool worth_grouping(struct key_count *level, uint64_t measure)
{
    return level->failed == 0 || measure < level->failed ||
           measure >= level->failed + level->failed / 8 + 1;
}

/* For kinds with a single key, accounts and uids: the cell's own windows are the key's count. */
static bool crosses_alone(const struct cell *cell, enum kind kind, const struct thresholds *th,
                          uint32_t at_s)
{
    struct bucket bucket = thresholds_bucket(th, cell->totals.last_s);
    uint32_t networks = 0;
    uint64_t measure[MEASURES];

    for (int i = 0; i < MEASURES; i++)
        measure[i] = cell->measure[i] ? window_sum(&cell->window[i], bucket) : 0;
    if (cell->networks.count >= th->networks && th->networks)
        networks = tally_since(&cell->networks, at_s - (uint32_t)(th->window / US_PER_S));
    return thresholds_crossed(th, kind, scope_keys[kind][0], measure, 0, networks);
}

/* A key may have been dropped at the bound since the cell's earlier evidence: a key without any
 * takes what its cell has in the window, this evidence included. */
static void count_under(struct key_count *level, const struct cell *cell, struct bucket bucket,
                        const uint32_t add[MEASURES])
{
    for (int i = 0; i < 2; i++) {
        if (level->last_s)
            window_add(&level->window[i], bucket, add[i]);
        else
            window_merge(&level->window[i], &cell->window[i], bucket);
    }
}

/* After a window of silence, nothing that was tried or seen before counts. */
static void forget_old_run(struct detector *d, struct key_count *level, const struct thresholds *th,
                           uint32_t at_s)
{
    if (level->last_s + th->window / US_PER_S >= at_s)
        return;
    level->failed = 0;
    key_count_drop_clients(d, level);
}

bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const uint32_t add[MEASURES],
                    struct intern *client, uint32_t at_s)
{
    bool crossed = false;
    uint16_t host = scope_host(cell->scope);
    int top = own == &d->settings->kind[kind] ? LEVELS_MAX : 1; /* as leave_out_overridden does */

    if (scope_keys[kind][1] == KEY_NONE)
        return crosses_alone(cell, kind, own, at_s);
    for (int l = 0; l < top && scope_keys[kind][l] != KEY_NONE; l++) {
        const struct thresholds *th = l == 0 ? own : &d->settings->kind[kind];
        struct key_count *level = cell->level[l] ? key_counts_get(d, cell->level[l], host) : NULL;
        if (!level)
            continue;
        struct bucket bucket = thresholds_bucket(th, at_s);
        forget_old_run(d, level, th, at_s);
        count_under(level, cell, bucket, add);
        if (at_s > level->last_s)
            level->last_s = at_s;
        /* Evidence that comes late is seen with what is there now, not with all that followed. */
        if (at_s < level->last_s)
            bucket = thresholds_bucket(th, level->last_s);
        if (client && l > 0)
            key_count_add_client(d, level, client);
        uint64_t measure[MEASURES] = {window_sum(&level->window[0], bucket),
                                      window_sum(&level->window[1], bucket),
                                      l == 0 ? window_sum(&cell->window[2], bucket) : 0};
        uint64_t networks =
            cell->networks.count < th->networks
                ? 0
                : tally_since(&cell->networks, at_s - (uint32_t)(th->window / US_PER_S));
        if (thresholds_crossed(th, kind, scope_keys[kind][l], measure,
                               l > 0 ? key_count_clients(level) : cell->clients.count, networks) &&
            worth_grouping(level, measure[0])) {
            level->failed = (uint32_t)measure[0];
            crossed = true;
        }
    }
    return crossed;
}
