/* SPDX-License-Identifier: MIT */
#include "judge/familiar.h"

#include <stdlib.h>
#include <string.h>

enum { FORGET_S = 60 * 86400, DAY_S = 86400 };

/* The pair's slot, or else the one in its set that was silent longest. */
static struct familiar_slot *slot_of(const struct familiar *familiar, uint64_t pair)
{
    struct familiar_slot *set =
        &familiar->slot[pair % (FAMILIAR_SLOTS / FAMILIAR_WAYS) * FAMILIAR_WAYS];
    struct familiar_slot *oldest = set;

    for (int i = 0; i < FAMILIAR_WAYS; i++) {
        if (set[i].pair == pair)
            return &set[i];
        if (set[i].last_s < oldest->last_s)
            oldest = &set[i];
    }
    return oldest;
}

static bool has_table(struct familiar *familiar)
{
    /* So that a set lies in two lines of the cache, and not in three. */
    enum { SET_BYTES = FAMILIAR_WAYS * sizeof(struct familiar_slot) };
    const size_t size = FAMILIAR_SLOTS * sizeof(*familiar->slot);

    if (!familiar->slot && (familiar->slot = aligned_alloc(SET_BYTES, size)))
        memset(familiar->slot, 0, size);
    return familiar->slot;
}

/* What comes late from an earlier day is no news of the present one. */
static void count(struct familiar_slot *slot, uint32_t day)
{
    if (day > slot->day) {
        if (slot->today > slot->most)
            slot->most = slot->today;
        slot->day = day;
        slot->today = 0;
    }
    slot->today += day == slot->day;
}

struct familiarity familiar_see(struct familiar *familiar, uint64_t pair, uint32_t at_s)
{
    if (!has_table(familiar))
        return (struct familiarity){false, false};
    struct familiar_slot *slot = slot_of(familiar, pair);
    if (slot->pair != pair || slot->last_s + (uint64_t)FORGET_S < at_s)
        *slot = (struct familiar_slot){.pair = pair, .first_s = at_s, .last_s = at_s};
    if (at_s > slot->last_s)
        slot->last_s = at_s;
    count(slot, at_s / DAY_S);
    bool is_old = slot->first_s + (uint64_t)FAMILIAR_AFTER_S <= at_s;
    return (struct familiarity){is_old, is_old && slot->today <= slot->most * (uint64_t)2};
}

uint32_t familiar_lately(const struct familiar *familiar, uint64_t pair, uint32_t at_s)
{
    const struct familiar_slot *slot = familiar->slot ? slot_of(familiar, pair) : NULL;

    return slot && slot->pair == pair && slot->last_s + (uint64_t)DAY_S >= at_s ? slot->today : 0;
}

void familiar_restore(struct familiar *familiar, const struct familiar_slot *slot)
{
    if (has_table(familiar))
        *slot_of(familiar, slot->pair) = *slot;
}

void familiar_copy(struct familiar *to, const struct familiar *from)
{
    if (!from->slot || !has_table(to))
        return;
    for (uint32_t i = 0; i < FAMILIAR_SLOTS; i++)
        to->slot[i] = (struct familiar_slot){.pair = from->slot[i].pair,
                                             .first_s = from->slot[i].first_s,
                                             .last_s = from->slot[i].last_s};
}

void familiar_done(struct familiar *familiar)
{
    free(familiar->slot);
    familiar->slot = NULL;
}
