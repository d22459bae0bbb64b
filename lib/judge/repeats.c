/* SPDX-License-Identifier: MIT */
#include "judge/repeats.h"

enum { DAY_S = 86400 };

/* An address that gets much mail keeps its place while a newsletter passes through the others. */
static bool is_weaker(const struct repeats_slot *a, const struct repeats_slot *b)
{
    return a->day < b->day || (a->day == b->day && a->times < b->times);
}

/* The pair's slot, or else the weakest of its set. */
static uint32_t slot_of(const struct repeats *repeats, uint64_t pair)
{
    uint32_t first = (uint32_t)(pair % (REPEATS_SLOTS / REPEATS_WAYS)) * REPEATS_WAYS;
    uint32_t weakest = first;

    for (uint32_t i = first; i < first + REPEATS_WAYS; i++) {
        if (repeats->slot[i].pair == pair)
            return i;
        if (is_weaker(&repeats->slot[i], &repeats->slot[weakest]))
            weakest = i;
    }
    return weakest;
}

/* 0 stands for a free slot. */
static uint64_t name_of(uint64_t pair)
{
    return pair ? pair : 1;
}

uint32_t repeats_add(struct repeats *repeats, uint64_t pair, uint32_t at_s)
{
    uint32_t day = at_s / DAY_S;

    pair = name_of(pair);
    struct repeats_slot *slot = &repeats->slot[slot_of(repeats, pair)];
    if (slot->pair != pair)
        *slot = (struct repeats_slot){.pair = pair};
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
    pair = name_of(pair);
    const struct repeats_slot *slot = &repeats->slot[slot_of(repeats, pair)];

    return slot->pair == pair && slot->day >= at_s / DAY_S ? slot->times : 0;
}

void repeats_forget(struct repeats *repeats, uint64_t pair)
{
    pair = name_of(pair);
    struct repeats_slot *slot = &repeats->slot[slot_of(repeats, pair)];

    if (slot->pair == pair)
        *slot = (struct repeats_slot){0};
}
