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

/* What one observation adds in each; mostly nothing but to the main one. */
struct added {
    uint32_t now[MEASURES], day[MEASURES];
    int measures; /* those from here on get nothing */
};

/* So many sender addresses make a uid or a client a shared one. */
enum { SHARED_SENDERS = 10 };

/* Counts evidence of a cell that no incident holds, under all its keys. True if a threshold may be
 * crossed and a grouping is worth its cost. `own` is what thresholds_for gives for the cell; client
 * may be NULL. */
bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const struct added *add, struct intern *client,
                    uint32_t at_s);
/* Takes so many back out of MEASURE_MAIN of a cell and its keys, counted at that time. */
void thresholds_take_back(struct detector *d, struct cell *cell, uint32_t n, uint32_t at_s);
/* Recounts the scope's keys from its cells, without those that an incident holds now. */
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s);
/* The cell's own thresholds if an override names it, otherwise the kind's. */
const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind);
/* The widest level at which the cell counts: that of the key which an override names. */
int thresholds_top(const struct detector *d, const struct cell *cell);
/* The bucket of the window that now_s falls into, or of the day. */
struct bucket thresholds_bucket(const struct thresholds *th, uint32_t now_s);
struct bucket thresholds_day_bucket(uint32_t now_s);
/* For how many seconds evidence may count. */
uint32_t thresholds_horizon(const struct thresholds *th);

#endif
