/* SPDX-License-Identifier: MIT */
/*
 * Does:         says whether a threshold is crossed, by a cell's own key or by a wider one.
 * Doesn't know: what happens then.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        a key there is no room to count crosses nothing.
 */
#ifndef RELAYWATCH_DETECT_THRESHOLDS_H
#define RELAYWATCH_DETECT_THRESHOLDS_H

#include "detect/tables.h"

/* Counts what no incident holds; true where a threshold is crossed and grouping is worth its
 * while. */
bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const uint32_t add[MEASURES],
                    const struct intern *client, uint32_t at_s);
bool thresholds_crossed(const struct thresholds *th, enum kind kind, enum key_type type,
                        const uint64_t measure[MEASURES], uint64_t clients, uint64_t networks);
/* Counts the scope's keys anew from its cells: what an incident holds now counts no more. */
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s);
/* The cell's own thresholds where an override names it, else the kind's. */
const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind);
bool thresholds_overridden(const struct detector *d, const struct cell *cell);
/* Which bucket of a window that time falls into. */
uint32_t thresholds_bucket(const struct thresholds *th, uint32_t now_s);

#endif
