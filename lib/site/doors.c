/* SPDX-License-Identifier: MIT */
#include "site/doors.h"

static bool is_named(const struct door *door, struct span name)
{
    return span_equal(span_of(door->name, door->len), name);
}

uint8_t doors_number(struct doors *doors, struct span name)
{
    uint8_t i = 0;

    /* Deliveries in a row mostly use the same transport. */
    if (doors->last && is_named(&doors->door[doors->last - 1], name))
        return doors->last;
    while (i < doors->count && !is_named(&doors->door[i], name))
        i++;
    if (i == doors->count) {
        if (i == DOORS_MAX || !name.len || name.len > DOOR_NAME_MAX)
            return 0;
        struct door *door = &doors->door[doors->count++];
        memcpy(door->name, name.at, name.len);
        door->len = (uint8_t)name.len;
    }
    /* Numbers begin at 1: 0 stands for none. */
    doors->last = i + 1;
    return doors->last;
}
