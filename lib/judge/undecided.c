/* SPDX-License-Identifier: MIT */
#include "judge/undecided.h"

#include <stdlib.h>

enum { SIZE_MIN = 64 };

static uint32_t home(const struct undecided *undecided, uint32_t slot)
{
    return slot * 0x9e3779b1u & (undecided->size - 1);
}

static void put(struct undecided *undecided, const struct undecided_entry *entry)
{
    uint32_t i = home(undecided, entry->of.slot);

    while (undecided->entry[i].of.slot)
        i = (i + 1) & (undecided->size - 1);
    undecided->entry[i] = *entry;
    undecided->count++;
}

bool undecided_add(struct undecided *undecided, const struct undecided_entry *entry)
{
    if (undecided->count >= undecided->size / 2) {
        struct undecided wider = {.size = undecided->size ? undecided->size * 2 : SIZE_MIN};
        wider.entry = calloc(wider.size, sizeof(*wider.entry));
        if (!wider.entry)
            return false;
        for (uint32_t i = 0; i < undecided->size; i++)
            if (undecided->entry[i].of.slot)
                put(&wider, &undecided->entry[i]);
        free(undecided->entry);
        *undecided = wider;
    }
    put(undecided, entry);
    return true;
}

struct undecided_entry *undecided_find(const struct undecided *undecided, struct message_ref of)
{
    if (!undecided->size)
        return NULL;
    for (uint32_t i = home(undecided, of.slot); undecided->entry[i].of.slot;
         i = (i + 1) & (undecided->size - 1))
        if (undecided->entry[i].of.slot == of.slot)
            return undecided->entry[i].of.serial == of.serial ? &undecided->entry[i] : NULL;
    return NULL;
}

/* Those behind it move up, so that no search ends too early. */
void undecided_remove(struct undecided *undecided, struct undecided_entry *entry)
{
    uint32_t mask = undecided->size - 1, hole = (uint32_t)(entry - undecided->entry);

    for (uint32_t i = (hole + 1) & mask; undecided->entry[i].of.slot; i = (i + 1) & mask) {
        uint32_t from = home(undecided, undecided->entry[i].of.slot);
        if (((i - from) & mask) < ((i - hole) & mask))
            continue;
        undecided->entry[hole] = undecided->entry[i];
        hole = i;
    }
    undecided->entry[hole] = (struct undecided_entry){.of = {0, 0}};
    if (--undecided->count == 0)
        undecided_done(undecided); /* give back what a flood needed */
}

void undecided_done(struct undecided *undecided)
{
    free(undecided->entry);
    *undecided = (struct undecided){0};
}
