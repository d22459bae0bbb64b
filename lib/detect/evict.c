/* SPDX-License-Identifier: MIT */
#include "detect/evict.h"

#include <limits.h>
#include <stdlib.h>

#include "detect/cell.h"
#include "detect/cell_index.h"
#include "detect/compact.h"
#include "detect/key_counts.h"
#include "detect/said.h"
#include "detect/scope.h"
#include "detect/thresholds.h"

/* Cells compared to find one to evict; the part of the table that is evicted in a row; minutes in
 * which sweeps visit all cells of a host. */
enum { EVICTION_SAMPLE = 8, ROOM_SHARE = 1024, LARGEST_SAMPLE = 64, SWEEP_MINUTES = 10 };

_Static_assert((int)KIND_COUNT <= SWEEP_MINUTES, "a minute for each kind");

/* The higher, the longer it is kept: an open incident's cells are worth most, then those that no
 * incident holds, then an ended incident's. */
static int worth(const struct detector *d, const struct cell *cell)
{
    if (!cell->incident)
        return 1;
    return d->incident[cell->incident - 1].state == INCIDENT_OPEN ? 2 : 0;
}

/* How long it had no evidence, by its host's clock. */
static int64_t silence_of(const struct detector *d, const struct cell *cell)
{
    return hosts_ago(d->hosts, scope_host(cell->scope), cell->totals.last_s);
}

/* No kind loses cells below its share of the table: a flood of one can't hide another. The shares
 * leave a rest, so that some kind of a full table is always beyond its own. */
static bool is_within_share(const struct detector *d, const struct cell *cell)
{
    return d->kind_cells[scope_kind(cell->scope)] <= d->cell_max / (KIND_COUNT + 1);
}

/* Round and round. */
static struct cell *next_cell(const struct detector *d, uint32_t *hand)
{
    if (*hand >= d->cell_count)
        *hand = 0;
    return &d->cell[(*hand)++];
}

/* It has had no evidence for a whole round of evictions. But the cells of an ended incident, where
 * there are any, go before it. */
static bool may_go_at_once(const struct detector *d, const struct cell *cell)
{
    return !cell->fresh && !cell->incident && !d->listed;
}

/* The first that may go at once, or else the worst of a sample, which is as good as that of the
 * whole table against a flood, and much cheaper. NULL if no kind is beyond its share. */
static struct cell *choose(const struct detector *d, uint32_t *hand)
{
    struct cell *worst = NULL;
    uint32_t sampled = 0, passed = 0;
    int least = INT_MAX; /* what the worst is worth, */
    int64_t longest = 0; /* and its silence */

    while (sampled < EVICTION_SAMPLE && passed++ < d->cell_count + EVICTION_SAMPLE) {
        struct cell *cell = next_cell(d, hand);
        if (!cell->key || is_within_share(d, cell))
            continue;
        if (may_go_at_once(d, cell))
            return cell;
        sampled++;
        int value = worth(d, cell);
        int64_t silence = silence_of(d, cell);
        if (value > least || (value == least && silence <= longest))
            continue;
        worst = cell;
        least = value;
        longest = silence;
    }
    return worst;
}

/* Those that were passed by need new evidence to be passed again, unless theirs is recent beside
 * that of the one chosen. */
static void pass_by(struct detector *d, uint32_t from, const struct cell *chosen)
{
    int64_t silence = silence_of(d, chosen);

    while (from != d->cell_hand) {
        struct cell *cell = next_cell(d, &from);
        cell->fresh &= cell->key && silence_of(d, cell) <= silence / 4;
    }
}

/* The table is full, so another eviction will follow, most likely of the one that would go now.
 * What that will touch is on its way into the cache until then, and so are the cells that come
 * after it. */
static void prefetch_next(const struct detector *d)
{
    enum { AHEAD = 4 };
    uint32_t hand = d->cell_hand;
    const struct cell *next = choose(d, &hand);

    if (!next)
        return;
    cell_index_prefetch(d, next->key);
    __builtin_prefetch(next->once);
    if (next->next)
        __builtin_prefetch(&d->cell[next->next - 1].prev, 1);
    if (next->prev)
        __builtin_prefetch(&d->cell[next->prev - 1].next, 1);
    for (uint32_t i = hand; i < hand + AHEAD && i < d->cell_count; i++) {
        __builtin_prefetch(&d->cell[i].key);
        __builtin_prefetch(&d->cell[i].totals.last_s); /* often in another cache line */
    }
}

void evict_cell(struct detector *d)
{
    uint32_t from = d->cell_hand;
    struct cell *worst = choose(d, &d->cell_hand);

    if (!worst)
        return;
    pass_by(d, from, worst);
    d->counters.cells_evicted++;
    trace_say(d->trace, TRACE_DETECT, "a key was evicted: the table is full");
    compact_evict(d, worst);
    prefetch_next(d);
}

/* One at a time, each would find this code out of the cache again. */
void evict_for_room(struct detector *d)
{
    for (uint32_t n = d->cell_max / ROOM_SHARE + 1; n; n--)
        evict_cell(d);
}

/* What so many cells take at most, without lists and names, with a full table of keys. */
static uint64_t bytes_of_cells(uint32_t cells)
{
    uint64_t slots = KEY_COUNTS_MIN;

    while (slots < 4 * (uint64_t)cells) /* key_counts.c: two keys for each, in a half full table */
        slots *= 2;
    return cells * (sizeof(struct cell) + sizeof(struct cell_rest) + sizeof(struct lists) +
                    3 * COUNTS_REST_BYTES) +
           2 * (uint64_t)cells * sizeof(struct counts) + slots * sizeof(struct key_count);
}

/* A quarter of the memory; the rest is for messages (pipeline.c). A quarter of that, in turn, stays
 * for lists and names. */
void evict_set_bounds(struct detector *d)
{
    d->bytes_max = ((uint64_t)d->settings->limits.memory << 20) / 4;
    d->cell_max = d->settings->limits.cells;
    while (bytes_of_cells(d->cell_max) > d->bytes_max / 4 * 3)
        d->cell_max -= d->cell_max / 8;
}

static uint64_t lists_of(const struct cell *cell)
{
    const struct lists *lists = cell_lists(cell);

    if (cell->once)
        return cell_once_bytes(cell->once);
    return (uint64_t)lists->clients.bytes + lists->networks.bytes + lists->senders.bytes +
           lists->sender_domains.bytes + lists->hosts.bytes + lists->refused_by.bytes +
           lists->refused_domains.bytes + cell->rest->recipient_domains.bytes +
           said_bytes(lists->said) + cell_name_bytes(cell);
}

/* An incident keeps the totals of such a cell, and may lose its names. */
static bool evict_largest(struct detector *d)
{
    struct cell *worst = NULL;
    uint64_t share = d->bytes_max / 4 / d->cell_max, most = 0;

    for (uint32_t sampled = 0, passed = 0; sampled < LARGEST_SAMPLE && passed < d->cell_count;
         passed++) {
        struct cell *cell = next_cell(d, &d->cell_hand);
        if (!cell->key)
            continue;
        sampled++;
        uint64_t bytes = lists_of(cell);
        bytes = bytes > share ? bytes : 0;
        if (!worst || bytes > most ||
            (bytes == most &&
             (worth(d, cell) < worth(d, worst) ||
              (worth(d, cell) == worth(d, worst) && silence_of(d, cell) > silence_of(d, worst))))) {
            worst = cell;
            most = bytes;
        }
    }
    if (!worst)
        return false;
    d->counters.cells_evicted++;
    trace_say(d->trace, TRACE_DETECT, "a key was evicted: the memory for keys is full");
    compact_evict(d, worst);
    return true;
}

void evict_for_bytes(struct detector *d)
{
    if (evict_is_over(d) && d->key_client_bytes > d->bytes_max / 8)
        key_counts_drop_clients(d);
    while (evict_is_over(d) && evict_largest(d))
        ;
}

/* Its evidence can't count any more. A window more than that, because a scope may still be grouped
 * as of an earlier time (grouping_run_late). */
static bool is_over(const struct detector *d, const struct cell *cell, uint64_t now_s)
{
    enum kind kind = scope_kind(cell->scope);
    const struct thresholds *th = thresholds_for(d, cell, kind);
    uint64_t window = (uint64_t)(th->window / US_PER_S);

    return !cell->incident && !cell->totals.queued && !cell->totals.held &&
           cell->totals.last_s + thresholds_horizon(th) + window < now_s;
}

/* Moves the last cell to a free slot before it. False if it has to stay: messages and the index
 * refer to slots, so only cells that
 * compact_keeps, and that are on no list, may move. */
static bool move_last(struct detector *d, uint32_t last)
{
    struct cell *cell = &d->cell[last];
    uint32_t to = cells_lowest_free(d);

    if (!compact_keeps(d, cell) || cell->listed || to >= last)
        return false;
    struct incident *incident = &d->incident[cell->incident - 1];
    if (incident->remainder == last + 1)
        incident->remainder = to + 1;
    d->cell[to] = *cell;
    *cell = (struct cell){0};
    d->cell_taken[to / 64] |= (uint64_t)1 << to % 64;
    d->cell_taken[last / 64] &= ~((uint64_t)1 << last % 64);
    return true;
}

/* Shrinks a table that is mostly free, down to the last cell that has to stay where it is. */
static void trim_cells(struct detector *d)
{
    uint32_t used = d->cell_count, room = CELLS_MIN;

    if (d->cell_count <= 4 * CELLS_MIN || d->cell_used > d->cell_count / 4)
        return;
    while (used && (!d->cell[used - 1].key || move_last(d, used - 1)))
        used--;
    d->cell_count = used;
    while (room < used)
        room *= 2;
    /* Only by a factor of 4 or more, so that a steady load doesn't shrink and grow in turns. */
    struct cell *cell = room <= d->cell_room / 4 ? realloc(d->cell, room * sizeof(*cell)) : NULL;
    if (!cell)
        return;
    d->cell = cell;
    d->cell_room = room;
    uint64_t *taken = realloc(d->cell_taken, room / 8);
    if (taken)
        d->cell_taken = taken;
    cell_index_rebuild(d);
}

static void sweep_scope(struct detector *d, uint32_t scope, uint64_t now_s)
{
    for (uint32_t i = d->scope[scope].first, next; i; i = next) {
        struct cell *cell = &d->cell[i - 1];
        next = cell->next;
        if (is_over(d, cell, now_s))
            cell_free(d, cell);
    }
}

static void sweep_ended(struct detector *d, uint16_t host)
{
    for (uint32_t i = 0; d->listed && i < d->incident_count; i++)
        if (d->incident[i].first && scope_host(d->incident[i].scope) == host)
            compact_some(d, &d->incident[i]);
}

/* A kind in a minute, and a part of each ended incident. */
void evict_sweep(struct detector *d, uint16_t host, uint32_t minute)
{
    uint32_t turn = minute % SWEEP_MINUTES;

    if (!d->load[host].cells)
        return;
    sweep_ended(d, host);
    for (int cause = 0; turn < KIND_COUNT && cause < CAUSE_COUNT; cause++)
        sweep_scope(d, scope_number(host, (enum kind)turn, (enum cause)cause),
                    minute * (uint64_t)60);
    trim_cells(d);
}
