/* SPDX-License-Identifier: MIT */
#include "judge/repeats.h"

enum { DAY_S = 86400 };

/* An address that gets much mail keeps its place while a newsletter passes through the others. */
static bool is_weaker(const struct repeats_slot *a, const struct repeats_slot *b)
{
    return a->day < b->day || (a->day == b->day && a->times < b->times);
}

/* The pair's slot, or the one that it takes. */
static struct repeats_slot *slot_of(struct repeats *repeats, uint64_t pair)
{
    struct repeats_slot *set = &repeats->slot[pair % (REPEATS_SLOTS / REPEATS_WAYS) * REPEATS_WAYS];
    struct repeats_slot *weakest = set;

    for (int i = 0; i < REPEATS_WAYS; i++) {
        if (set[i].pair == pair)
            return &set[i];
        if (is_weaker(&set[i], weakest))
            weakest = &set[i];
    }
    *weakest = (struct repeats_slot){.pair = pair};
    return weakest;
}

bool repeats_see(struct repeats *repeats, uint64_t pair, uint32_t at_s)
{
    struct repeats_slot *slot = slot_of(repeats, pair ? pair : 1);
    uint32_t day = at_s / DAY_S;

    if (slot->day < day) { /* a late line counts with those of the latest day */
        slot->day = day;
        slot->times = 0;
    }
    slot->times += slot->times < UINT32_MAX;
    return slot->times <= REPEATS_FREE || (slot->times - REPEATS_FREE) % REPEATS_STEP == 0;
}
