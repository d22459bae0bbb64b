/* SPDX-License-Identifier: MIT */
#include "judge/familiar.h"

#include <stdlib.h>
#include <string.h>

enum { FORGET_S = 60 * 86400 };

static struct familiar_slot *slot_of(struct familiar *familiar, uint64_t pair)
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

bool familiar_see(struct familiar *familiar, uint64_t pair, uint32_t at_s)
{
    if (!familiar->slot && !(familiar->slot = calloc(FAMILIAR_SLOTS, sizeof(*familiar->slot))))
        return false;
    struct familiar_slot *slot = slot_of(familiar, pair);
    if (slot->pair != pair || slot->last_s + (uint64_t)FORGET_S < at_s)
        *slot = (struct familiar_slot){pair, at_s, at_s};
    if (at_s > slot->last_s)
        slot->last_s = at_s;
    return slot->first_s + (uint64_t)FAMILIAR_AFTER_S <= at_s;
}

void familiar_copy(struct familiar *to, const struct familiar *from)
{
    size_t bytes = FAMILIAR_SLOTS * sizeof(*to->slot);

    if (from->slot && (to->slot = malloc(bytes)))
        memcpy(to->slot, from->slot, bytes);
}

void familiar_done(struct familiar *familiar)
{
    free(familiar->slot);
    familiar->slot = NULL;
}
