/* SPDX-License-Identifier: MIT */
/*
 * Does:         an array that doubles as it grows, up to a bound.
 * Doesn't know: what its items are: plain bytes, which may move when the list grows.
 * Owns:         its memory, until list_done; what the items point to belongs to the caller.
 * Time:         timeless.
 * Fails:        list_add returns NULL at the bound or when memory is short; the list is unchanged.
 *
 *     struct list names = {0};
 *     char **name = list_add(&names, sizeof(*name), NAMES_MAX);
 *     if (name)
 *         *name = text;
 */
#ifndef RELAYWATCH_BASE_LIST_H
#define RELAYWATCH_BASE_LIST_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct list { /* zeroed: empty */
    void *items;
    size_t count, room;
};

/* Adds a zeroed item; the pointer is good until the next list_add. item_bytes must be the same in
 * every call on a list. */
static inline void *list_add(struct list *list, size_t item_bytes, size_t max)
{
    if (list->count >= max)
        return NULL;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 8;
        void *items = realloc(list->items, room * item_bytes);
        if (!items)
            return NULL;
        list->items = items;
        list->room = room;
    }
    return memset((char *)list->items + list->count++ * item_bytes, 0, item_bytes);
}

/* Frees the array and leaves an empty list. */
static inline void list_done(struct list *list)
{
    free(list->items);
    *list = (struct list){0};
}

#endif
