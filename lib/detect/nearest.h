/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the accounts, clients and uids that are nearest to their thresholds of
 *               recipients, among those that no incident holds.
 * Doesn't know: other measures, and how they are shown.
 * Owns:         nothing; it copies what it names.
 * Time:         event time in seconds, given.
 * Fails:        a busy uid may be missed where more than NEAREST_KEPT are as near.
 */
#ifndef RELAYWATCH_DETECT_NEAREST_H
#define RELAYWATCH_DETECT_NEAREST_H

#include "detect/tables.h"

enum nearest_group { NEAREST_ACCOUNTS, NEAREST_CLIENTS, NEAREST_UIDS, NEAREST_GROUPS };

/* More than anybody shows, because a uid that turns out to be shared falls back. */
enum { NEAREST_KEPT = 32, NEAREST_NAME_MAX = 96 };

struct nearest_key {
    uint64_t key; /* as in cell.level */
    enum kind kind;
    char name[NEAREST_NAME_MAX]; /* cut */
    uint32_t value, threshold, window_s;
    uint32_t senders;  /* cells seen of it: of a uid, its senders */
    uint32_t wide;     /* a shared uid's threshold is so many times higher */
    uint32_t permille; /* value of threshold */
};

struct nearest {
    struct nearest_key key[NEAREST_GROUPS][NEAREST_KEPT];
    uint32_t count[NEAREST_GROUPS];
};

/* Looks at so many cells from *at on; false if those were the last. Zeroed: nothing seen. */
bool nearest_look(struct nearest *nearest, struct detector *d, uint32_t *at, uint32_t cells,
                  uint32_t now_s);
/* Sorts, the nearest first; what has nothing in its window is left out. */
void nearest_sort(struct nearest *nearest);

#endif
