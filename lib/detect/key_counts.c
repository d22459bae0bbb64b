/* SPDX-License-Identifier: MIT */
#include "detect/key_counts.h"

#include <stdlib.h>

#include "detect/scope.h"

/* Each in a cache line of its own: hardly any is in a cache. */
static struct key_count *make_table(uint32_t size)
{
    enum { LINE = 64 };
    struct key_count *level = aligned_alloc(LINE, size * sizeof(*level));

    _Static_assert(sizeof(*level) == LINE, "a key's count is a cache line");
    if (level)
        memset(level, 0, size * sizeof(*level));
    return level;
}

bool key_counts_init(struct detector *d)
{
    d->level_size = KEY_COUNTS_MIN;
    d->level = make_table(d->level_size);
    return d->level != NULL;
}

void key_counts_done(struct detector *d)
{
    for (uint32_t i = 0; d->level && i < d->level_size; i++)
        key_count_clear(d, &d->level[i]);
    free(d->level);
}

/* The key's slot, or the empty one where it belongs. */
static struct key_count *find_count(struct detector *d, uint64_t key)
{
    uint32_t mask = d->level_size - 1, at = (uint32_t)key & mask;

    while (d->level[at].key && d->level[at].key != key)
        at = (at + 1) & mask;
    return &d->level[at];
}

/* At the bound, the keys that were silent longest make room: as many as it takes to leave
 * KEPT_PERCENT of the bound. So the cost of a rebuild is shared by many new keys, and what is new
 * is never refused. */
enum { KEPT_PERCENT = 75, DAY_S = 86400 };

static uint32_t bound(const struct detector *d)
{
    return d->cell_max * 2;
}

/* How long a key has been silent before the latest evidence on its host, which tells the time even
 * where lines come late. */
static uint32_t silence_of(const struct detector *d, const struct key_count *level)
{
    uint32_t at_s = d->load[level->host].at_s;

    return at_s > level->last_s ? at_s - level->last_s : 0;
}

static uint32_t count_within(const uint32_t *silence, uint32_t n, uint64_t below_s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++)
        count += silence[i] < below_s;
    return count;
}

/* The longest silence that leaves at most `keep` of those below it, by bisection: ties go together,
 * so that what stays doesn't depend on the order in the table. */
static uint64_t below_for(const uint32_t *silence, uint32_t n, uint32_t keep)
{
    uint64_t low = 0, high = (uint64_t)UINT32_MAX + 1;

    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (count_within(silence, n, middle) <= keep)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Lowers *below_s until few enough keys have been silent for less; their number, or UINT32_MAX when
 * memory is short. */
static uint32_t choose(struct detector *d, uint64_t *below_s)
{
    uint32_t *silence = calloc((size_t)d->level_used + 1, sizeof(*silence)), n = 0, live;

    if (!silence)
        return UINT32_MAX;
    /* An array of its own: the bisection reads it 32 times. */
    for (uint32_t i = 0; i < d->level_size; i++)
        if (d->level[i].key && silence_of(d, &d->level[i]) < *below_s)
            silence[n++] = silence_of(d, &d->level[i]);
    live = n;
    if (n >= bound(d)) {
        *below_s = below_for(silence, n, (uint32_t)((uint64_t)bound(d) * KEPT_PERCENT / 100));
        live = count_within(silence, n, *below_s);
        d->counters.keys_refused += n - live;
        scopes_near_unknown(d);
    }
    free(silence);
    return live;
}

/* Entries that were pushed past the gap move back into it. */
static void drop(struct detector *d, uint32_t gap)
{
    uint32_t mask = d->level_size - 1;

    key_count_clear(d, &d->level[gap]);
    for (uint32_t at = (gap + 1) & mask; d->level[at].key; at = (at + 1) & mask)
        if (((at - (uint32_t)d->level[at].key) & mask) >= ((at - gap) & mask)) {
            d->level[gap] = d->level[at];
            gap = at;
        }
    d->level[gap] = (struct key_count){0};
}

/* Moves those that stay into a table of that size. False when memory is short. */
static bool rebuild(struct detector *d, uint32_t size, uint64_t below_s)
{
    struct key_count *old = d->level, *level = make_table(size);
    uint32_t old_size = d->level_size;

    if (!level)
        return false;
    d->level = level;
    d->level_size = size;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key && silence_of(d, &old[i]) < below_s)
            *find_count(d, old[i].key) = old[i];
        else
            key_count_clear(d, &old[i]);
    free(old);
    return true;
}

/* Drops the keys that were silent for a day, the longest window there is, and at the bound those
 * that were silent longest. Grows the table if necessary. False when memory is short. */
static bool make_room(struct detector *d)
{
    uint64_t below_s = DAY_S;
    uint32_t live = choose(d, &below_s), size = KEY_COUNTS_MIN;

    if (live == UINT32_MAX)
        return false;
    while (size < live * 4 && size / 2 < bound(d))
        size *= 2;
    if (size != d->level_size && !rebuild(d, size, below_s))
        return false;
    /* A table that stays as large needs no second one beside it. */
    for (uint32_t i = 0; i < d->level_size; i++)
        while (d->level[i].key && silence_of(d, &d->level[i]) >= below_s)
            drop(d, i);
    d->level_used = live;
    return true;
}

struct key_count *key_counts_find(struct detector *d, uint64_t key)
{
    struct key_count *level = find_count(d, key);

    return level->key ? level : NULL;
}

struct key_count *key_counts_get(struct detector *d, uint64_t key, uint16_t host)
{
    struct key_count *level = find_count(d, key);

    if (level->key)
        return level;
    if (d->level_used >= d->level_size / 2 || d->level_used >= bound(d)) {
        if (!make_room(d)) {
            d->counters.keys_refused++;
            scopes_near_unknown(d);
            return NULL;
        }
        level = find_count(d, key);
    }
    *level = (struct key_count){.key = key, .host = host};
    d->level_used++;
    return level;
}

uint32_t key_count_sum(const struct key_count *level, int measure, struct bucket last,
                       bool in_a_day)
{
    uint32_t number = level->last_s / last.length;
    bool is_within = last.number < number + (uint64_t)WINDOW_BUCKETS;
    uint32_t latest = in_a_day ? level->latest.day[measure] : level->latest.now[measure];

    return (level->counts ? counts_sum(level->counts, measure, last, in_a_day) : 0) +
           (is_within ? latest : 0);
}

bool key_count_add(struct key_count *level, const uint32_t *now, const uint32_t *day, int n)
{
    for (int i = 0; i < n; i++)
        if (now[i] > (uint32_t)UINT16_MAX - level->latest.now[i] ||
            day[i] > (uint32_t)UINT16_MAX - level->latest.day[i])
            return false;
    for (int i = 0; i < n; i++) {
        level->latest.now[i] = (uint16_t)(level->latest.now[i] + now[i]);
        level->latest.day[i] = (uint16_t)(level->latest.day[i] + day[i]);
    }
    return true;
}

struct counts *key_count_windows(struct key_count *level, uint32_t length)
{
    enum { DAY_LENGTH = THRESHOLDS_DAY_S / WINDOW_BUCKETS };
    const struct bucket last = {length, level->last_s / length},
                        day = {DAY_LENGTH, level->last_s / DAY_LENGTH};
    struct counts *counts = level->counts ? level->counts : calloc(1, sizeof(*counts));

    for (int i = 0; counts && i < KEY_MEASURES; i++) {
        bool has_any = level->latest.now[i] || level->latest.day[i];
        struct count *count = has_any ? counts_make(counts, i) : NULL;
        if (count && level->latest.now[i])
            window_add(&count->now, last, level->latest.now[i]);
        if (count && level->latest.day[i])
            window_add(&count->day, day, level->latest.day[i]);
    }
    if (counts)
        memset(&level->latest, 0, sizeof(level->latest));
    return level->counts = counts;
}

void key_count_recheck(struct key_count *level)
{
    level->failed = level->failed_day = 0;
    level->spare = level->spare_day = 0;
}

static uint64_t bytes_of_room(uint32_t room)
{
    return sizeof(struct key_clients) + room * sizeof(struct intern *);
}

void key_count_add_client(struct detector *d, struct key_count *level, struct intern *client)
{
    struct key_clients *clients = level->clients;
    uint32_t count = clients ? clients->count : 0;

    for (uint32_t i = 0; i < count; i++)
        if (clients->client[i] == client)
            return;
    if (count == KEY_CLIENTS_MAX)
        return;
    if (!clients || count == clients->room) {
        uint32_t room = clients ? 2 * clients->room : 4;
        clients = realloc(clients, sizeof(*clients) + room * sizeof(*clients->client));
        if (!clients)
            return;
        d->key_client_bytes += bytes_of_room(room) - (count ? bytes_of_room(room / 2) : 0);
        clients->room = room;
        clients->count = count;
        level->clients = clients;
    }
    clients->client[clients->count++] = intern_ref(client);
    d->key_client_bytes += intern_bytes(client->len);
}

uint64_t key_count_clients(const struct key_count *level)
{
    if (!level->clients)
        return 0;
    return level->clients->count < KEY_CLIENTS_MAX ? level->clients->count : UINT64_MAX;
}

void key_count_drop_clients(struct detector *d, struct key_count *level)
{
    if (!level->clients)
        return;
    for (uint32_t i = 0; i < level->clients->count; i++) {
        d->key_client_bytes -= intern_bytes(level->clients->client[i]->len);
        intern_put(d->texts, level->clients->client[i]);
    }
    d->key_client_bytes -= bytes_of_room(level->clients->room);
    free(level->clients);
    level->clients = NULL;
}

void key_counts_drop_clients(struct detector *d)
{
    for (uint32_t i = 0; d->level && i < d->level_size; i++)
        key_count_drop_clients(d, &d->level[i]);
}

void key_count_clear(struct detector *d, struct key_count *level)
{
    key_count_drop_clients(d, level);
    if (level->counts)
        counts_done(level->counts);
    free(level->counts);
    level->counts = NULL;
    memset(&level->latest, 0, sizeof(level->latest));
    level->spare = level->spare_day = 0;
}
