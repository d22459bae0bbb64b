/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers the places on this host that mail is handed to: a pipe(8) service by its
 *               name, a hop by its address and port. One that gives mail back is a filter.
 * Doesn't know: mail.
 * Owns:         copies of the names.
 * Time:         timeless.
 * Fails:        the first DOORS_MAX have a number, others have none (0).
 */
#ifndef RELAYWATCH_SITE_DOORS_H
#define RELAYWATCH_SITE_DOORS_H

#include "base/span.h"

enum { DOORS_MAX = 63, DOOR_NAME_MAX = 96 };

struct door {
    char name[DOOR_NAME_MAX];
    uint8_t len;
    bool is_filter;
};

struct doors {
    struct door door[DOORS_MAX];
    uint8_t count;
    uint8_t last; /* looked up last: most mail goes to the same one */
};

/* Its number, from 1, given when it is new; 0 beyond the bound. */
uint8_t doors_number(struct doors *doors, struct span name);

static inline bool doors_is_filter(const struct doors *doors, uint8_t number)
{
    return number && number <= doors->count && doors->door[number - 1].is_filter;
}

#endif
