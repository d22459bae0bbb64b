/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides whether a threshold is crossed, under a cell's own key or a wider one.
 * Doesn't know: what happens then.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        a key that key_counts has no room for crosses no threshold.
 */
#ifndef RELAYWATCH_DETECT_THRESHOLDS_H
#define RELAYWATCH_DETECT_THRESHOLDS_H

#include "detect/tables.h"

/* Counts evidence of a cell that no incident holds, under all its keys. True if a threshold may be
 * crossed and a grouping is worth its cost. `own` is what thresholds_for gives for the cell; client
 * may be NULL. */
bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const uint32_t add[MEASURES],
                    struct intern *client, uint32_t at_s);
/* Whether these measures, clients and networks cross the threshold of a key of this type. */
bool thresholds_crossed(const struct thresholds *th, enum kind kind, enum key_type type,
                        const uint64_t measure[MEASURES], uint64_t clients, uint64_t networks);
/* Recounts the scope's keys from its cells, without those that an incident holds now. */
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s);
/* The cell's own thresholds if an override names it, otherwise the kind's. */
const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind);
bool thresholds_overridden(const struct detector *d, const struct cell *cell);
/* The bucket of the window that now_s falls into. */
struct bucket thresholds_bucket(const struct thresholds *th, uint32_t now_s);

#endif
