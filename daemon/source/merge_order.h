/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells which of several logs is to be read on, and how far, so that their lines
 *               come in the order of their times; of one time, the lower number's come first.
 * Doesn't know: logs; what a line is.
 * Owns:         one entry per log.
 * Time:         each log's next line's, as the caller says. A log whose times go back comes at
 *               once, and one that is ahead waits for those that have something to say, no longer.
 * Fails:        merge_order_init and merge_order_reserve return false when memory is short.
 */
#ifndef RELAYWATCH_SOURCE_MERGE_ORDER_H
#define RELAYWATCH_SOURCE_MERGE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/when.h"

struct merge_turn {
    wall_us next; /* the log's next line */
    size_t log;
};

struct merge_order {
    struct merge_turn *at; /* a heap: the first is the next */
    size_t count;
};

/* logs: how many there may be. */
bool merge_order_init(struct merge_order *order, size_t logs);
/* Makes room for more of them; false: as merge_order_init. */
bool merge_order_reserve(struct merge_order *order, size_t logs);
void merge_order_done(struct merge_order *order);
void merge_order_add(struct merge_order *order, size_t log, wall_us next);

/* The number of the log whose turn it is. Not if the order is empty. */
size_t merge_order_log(const struct merge_order *order);
/* The time of the last line that it may hand over; INT64_MAX: there is no other log. */
wall_us merge_order_until(const struct merge_order *order);
/* The next line of all the others; INT64_MAX: there is none. */
wall_us merge_order_others(const struct merge_order *order);
/* It was read up to a line of this time. */
void merge_order_advance(struct merge_order *order, wall_us next);
/* It was read to its end. */
void merge_order_remove(struct merge_order *order);

#endif
