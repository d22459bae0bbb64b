/* SPDX-License-Identifier: MIT */
/*
 * Two tables: when the newer is full the older is emptied and takes its place. So what is dropped
 * is always the oldest, and nothing is ever taken out of a table.
 */
#include "source/seen_lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { SLOTS_MIN = 4096 };

struct slot {
    uint64_t hash;   /* of the line, or of the line and another log than its first; 0: free */
    uint32_t log;    /* the first that had it */
    uint16_t had;    /* so often that log had it; UINT16_MAX: or more */
    uint16_t handed; /* so often it was handed over */
};

#define OF_LINE (UINT64_C(1) << 63)
#define OF_LOG  (UINT64_C(1) << 62)

struct table {
    struct slot *slot;
    size_t slots; /* a power of two, or 0 */
    size_t used;
};

struct seen_lines {
    uint64_t seed;
    size_t max; /* in one table */
    struct table now, before;
    uint64_t left_out;
    uint32_t owner;
};

struct seen_lines *seen_lines_new(uint64_t seed, size_t max)
{
    struct seen_lines *seen = calloc(1, sizeof(*seen));

    if (seen) {
        seen->seed = seed;
        seen->max = max > 1 ? max / 2 : 1;
    }
    return seen;
}

void seen_lines_free(struct seen_lines *seen)
{
    if (!seen)
        return;
    free(seen->now.slot);
    free(seen->before.slot);
    free(seen);
}

/* The hash's slot, or the free one that it would take; NULL: the table has none. */
static struct slot *find(const struct table *table, uint64_t hash)
{
    size_t at = (size_t)hash & (table->slots - 1);

    if (table->slots == 0)
        return NULL;
    while (table->slot[at].hash && table->slot[at].hash != hash)
        at = (at + 1) & (table->slots - 1);
    return &table->slot[at];
}

static bool grow(struct table *table)
{
    struct table larger = {.slots = table->slots ? 2 * table->slots : SLOTS_MIN,
                           .used = table->used};

    larger.slot = calloc(larger.slots, sizeof(*larger.slot));
    if (!larger.slot)
        return false;
    for (size_t i = 0; i < table->slots; i++)
        if (table->slot[i].hash)
            *find(&larger, table->slot[i].hash) = table->slot[i];
    free(table->slot);
    *table = larger;
    return true;
}

static void turn_over(struct seen_lines *seen)
{
    struct table emptied = seen->before;

    if (emptied.slots)
        memset(emptied.slot, 0, emptied.slots * sizeof(*emptied.slot));
    emptied.used = 0;
    seen->before = seen->now;
    seen->now = emptied;
}

/* The hash's slot in the newer table, with what the older one knows; a new one is the log's. NULL:
 * memory is short. */
static struct slot *remember(struct seen_lines *seen, uint64_t hash, uint32_t log)
{
    struct slot *slot = find(&seen->now, hash), known = {hash, log, 0, 0};

    if (slot && slot->hash)
        return slot;
    if (seen->now.used >= seen->max)
        turn_over(seen);
    slot = find(&seen->before, hash);
    if (slot && slot->hash)
        known = *slot;
    /* At most half full. */
    if (2 * (seen->now.used + 1) > seen->now.slots && !grow(&seen->now))
        return NULL;
    slot = find(&seen->now, hash);
    *slot = known;
    seen->now.used++;
    return slot;
}

/* The log has the line once more; how often that is, 0 if memory is short. */
static uint16_t count(struct slot *slot)
{
    if (!slot)
        return 0;
    slot->had += slot->had < UINT16_MAX;
    return slot->had;
}

/* Whether the line was handed over as often as this log now has it. */
static bool is_known(struct seen_lines *seen, struct span line, uint32_t log)
{
    /* Without the end: one copy of a log may have CR LF. */
    uint64_t hash = hash_bytes(span_trim_end(line), seen->seed) | OF_LINE;
    uint64_t of_log = (hash_mix(hash ^ (log * HASH_ODD_1), HASH_ODD_2) & ~OF_LINE) | OF_LOG;
    struct slot *first = remember(seen, hash, log);
    uint16_t had;

    if (!first)
        return false;
    if (first->log == log) {
        had = count(first);
    } else {
        had = count(remember(seen, of_log, log));
        first = remember(seen, hash, log); /* where it is now */
    }
    if (!first || had == 0 || had == UINT16_MAX)
        return false;
    if (had > first->handed) {
        first->handed = had;
        return false;
    }
    seen->owner = first->log;
    return true;
}

void seen_lines_filter(struct seen_lines *seen, uint32_t log, const char *data, size_t len,
                       seen_keep *keep, void *ctx)
{
    struct span rest = span_of(data, len), line;
    const char *kept = data; /* where the run of lines to keep begins */

    while (span_take_line(&rest, &line)) {
        if (!is_known(seen, line, log) || !keep)
            continue;
        seen->left_out++;
        if (line.at > kept)
            keep(ctx, kept, (size_t)(line.at - kept));
        kept = rest.at;
    }
    if (keep && data + len > kept)
        keep(ctx, kept, (size_t)(data + len - kept));
}

uint64_t seen_lines_left_out(const struct seen_lines *seen)
{
    return seen ? seen->left_out : 0;
}

uint32_t seen_lines_owner(const struct seen_lines *seen)
{
    return seen->owner;
}
