/* SPDX-License-Identifier: MIT */
/*
 * Does:         judges a log again after the site has changed: a second pipeline reads it from some
 *               time on, and then takes the place of the first.
 * Doesn't know: how the log is read.
 * Owns:         nothing; both pipelines are the caller's.
 * Time:         event time.
 * Fails:        second_reading_begin returns NULL when memory is short.
 *
 * A pipeline knows by which settings of the site it has judged what it read, and why that may be
 * wrong nonetheless (judge.reread). That there is a reason is saved, so a reading that is due stays
 * due across a restart.
 */
#ifndef RELAYWATCH_ENGINE_SECOND_READING_H
#define RELAYWATCH_ENGINE_SECOND_READING_H

#include "detect/inherit.h"
#include "engine/pipeline.h"

/* Whether part of what the pipeline read was judged by other settings of the site than now, or by
 * what the log has disproved since; a whole incident that was taken back needs no reading. */
bool second_reading_is_due(const struct pipeline *p);
/* Nothing more can be judged again, so nothing is due. */
void second_reading_give_up(struct pipeline *p);

/* An empty pipeline with the settings, site and seed of `first`, which tells nobody of its
 * incidents. */
struct pipeline *second_reading_begin(const struct pipeline *first);
/* Once `second` has read up to the same line: what `first` knew that `second` can't know moves to
 * it, and so do the listener and the counters. Tells the listener of incidents that don't stand, by
 * `first`, which the caller frees afterwards. False when memory is short: `first` goes on then. */
bool second_reading_take_over(struct pipeline *second, struct pipeline *first,
                              struct inherited *ret);

#endif
