/* SPDX-License-Identifier: MIT */
#include "judge/familiar.h"

#include <stdlib.h>
#include <string.h>

enum { FORGET_S = 60 * 86400, DAY_S = 86400 };

/* Two pairs of one set that nobody chose have the same tag once in 60 million. */
static uint32_t tag_of(uint64_t pair)
{
    uint32_t tag = pair / (FAMILIAR_SLOTS / FAMILIAR_WAYS) & ((1 << 26) - 1);

    return tag ? tag : 1;
}

/* The pair's slot, or else the one in its set that was silent longest. */
static struct familiar_slot *slot_of(const struct familiar *familiar, uint64_t pair)
{
    struct familiar_slot *set =
        &familiar->slot[pair % (FAMILIAR_SLOTS / FAMILIAR_WAYS) * FAMILIAR_WAYS];
    struct familiar_slot *oldest = set;
    uint32_t tag = tag_of(pair);

    for (int i = 0; i < FAMILIAR_WAYS; i++) {
        if (set[i].tag == tag)
            return &set[i];
        if (set[i].last_s < oldest->last_s)
            oldest = &set[i];
    }
    return oldest;
}

static bool has_table(struct familiar *familiar)
{
    const size_t size = FAMILIAR_SLOTS * sizeof(*familiar->slot);

    if (!familiar->slot &&
        (familiar->slot = aligned_alloc(FAMILIAR_WAYS * sizeof(*familiar->slot), size)))
        memset(familiar->slot, 0, size);
    return familiar->slot;
}

/* What comes late from an earlier day is no news of the present one. */
static void count(struct familiar_slot *slot, uint32_t at_s)
{
    uint32_t day = at_s / DAY_S, latest = slot->last_s / DAY_S;

    if (day > latest) {
        if (slot->today > slot->most)
            slot->most = slot->today;
        slot->today = 0;
    }
    slot->today += day >= latest && slot->today < FAMILIAR_OFTEN;
    if (at_s > slot->last_s)
        slot->last_s = at_s;
}

struct familiarity familiar_see(struct familiar *familiar, uint64_t pair, uint32_t at_s)
{
    if (!has_table(familiar))
        return (struct familiarity){false, false};
    struct familiar_slot *slot = slot_of(familiar, pair);
    if (slot->tag != tag_of(pair) || slot->last_s + (uint64_t)FORGET_S < at_s)
        *slot = (struct familiar_slot){.tag = tag_of(pair), .first_s = at_s, .last_s = at_s};
    count(slot, at_s);
    bool is_old = slot->first_s + (uint64_t)FAMILIAR_AFTER_S <= at_s;
    return (struct familiarity){is_old, is_old && slot->today <= slot->most * (uint64_t)2};
}

uint32_t familiar_lately(const struct familiar *familiar, uint64_t pair, uint32_t at_s)
{
    const struct familiar_slot *slot = familiar->slot ? slot_of(familiar, pair) : NULL;
    bool known = slot && slot->tag == tag_of(pair);

    return known && slot->last_s + (uint64_t)DAY_S >= at_s ? (uint32_t)slot->today : 0;
}

bool familiar_before(const struct familiar *familiar, uint64_t pair, uint32_t at_s)
{
    const struct familiar_slot *slot = familiar->slot ? slot_of(familiar, pair) : NULL;

    return slot && slot->tag == tag_of(pair) && slot->first_s < at_s &&
           slot->last_s + (uint64_t)FORGET_S >= at_s;
}

void familiar_restore(struct familiar *familiar, uint32_t at, const struct familiar_slot *slot)
{
    if (has_table(familiar))
        familiar->slot[at % FAMILIAR_SLOTS] = *slot;
}

void familiar_copy(struct familiar *to, const struct familiar *from)
{
    if (!from->slot || !has_table(to))
        return;
    for (uint32_t i = 0; i < FAMILIAR_SLOTS; i++)
        to->slot[i] = (struct familiar_slot){.tag = from->slot[i].tag,
                                             .first_s = from->slot[i].first_s,
                                             .last_s = from->slot[i].last_s};
}

void familiar_done(struct familiar *familiar)
{
    free(familiar->slot);
    familiar->slot = NULL;
}
