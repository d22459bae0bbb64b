/* SPDX-License-Identifier: MIT */
#include "judge/repeats.h"

enum { DAY_S = 86400 };

/* An address that gets much mail keeps its place while a newsletter passes through the others. */
static bool is_weaker(const struct repeats_slot *a, const struct repeats_slot *b)
{
    return a->day < b->day || (a->day == b->day && a->times < b->times);
}

static uint32_t set_of(uint64_t pair)
{
    return (uint32_t)(pair % (REPEATS_SLOTS / REPEATS_WAYS)) * REPEATS_WAYS;
}

/* The pair's slot, or the one that it takes. */
static struct repeats_slot *slot_for(struct repeats *repeats, uint64_t pair)
{
    struct repeats_slot *set = &repeats->slot[set_of(pair)], *weakest = set;

    for (int i = 0; i < REPEATS_WAYS; i++) {
        if (set[i].pair == pair)
            return &set[i];
        if (is_weaker(&set[i], weakest))
            weakest = &set[i];
    }
    *weakest = (struct repeats_slot){.pair = pair};
    return weakest;
}

uint32_t repeats_add(struct repeats *repeats, uint64_t pair, uint32_t at_s)
{
    struct repeats_slot *slot = slot_for(repeats, pair ? pair : 1);
    uint32_t day = at_s / DAY_S;

    if (slot->day < day) { /* a late line counts with those of the latest day */
        slot->day = day;
        slot->times = 0;
    }
    slot->times += slot->times < UINT32_MAX;
    return slot->times;
}

bool repeats_see(struct repeats *repeats, uint64_t pair, uint32_t at_s)
{
    uint32_t times = repeats_add(repeats, pair, at_s);

    return times <= REPEATS_FREE || (times - REPEATS_FREE) % REPEATS_STEP == 0;
}

uint32_t repeats_times(const struct repeats *repeats, uint64_t pair, uint32_t at_s)
{
    const struct repeats_slot *set = &repeats->slot[set_of(pair ? pair : 1)];

    for (int i = 0; i < REPEATS_WAYS; i++)
        if (set[i].pair == (pair ? pair : 1))
            return set[i].day >= at_s / DAY_S ? set[i].times : 0;
    return 0;
}

void repeats_forget(struct repeats *repeats, uint64_t pair)
{
    struct repeats_slot *set = &repeats->slot[set_of(pair ? pair : 1)];

    for (int i = 0; i < REPEATS_WAYS; i++)
        if (set[i].pair == (pair ? pair : 1))
            set[i] = (struct repeats_slot){.pair = 0};
}
