/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts what happened by time, in a bounded number of buckets: of a minute at first,
 *               of longer ones once what it spans needs it.
 * Doesn't know: what is counted.
 * Owns:         nothing; it is a value, and one of zeros is empty.
 * Time:         seconds since 1970, given, in any order.
 * Fails:        never. A bucket stops at UINT32_MAX.
 */
#ifndef RELAYWATCH_REPORT_TIMELINE_H
#define RELAYWATCH_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

/* The longest buckets hold all that 32 bits of seconds can tell. */
enum { TIMELINE_BUCKETS = 120, TIMELINE_SERIES = 6 };

struct timeline {
    int width;      /* index of timeline_width_s */
    uint32_t first; /* when the first bucket begins, in widths since 1970 */
    uint32_t count; /* buckets in use; 0: nothing was counted */
    uint32_t n[TIMELINE_BUCKETS][TIMELINE_SERIES];
};

/* Counts n of a series at that time. 0 makes sure that it spans that time. */
void timeline_add(struct timeline *t, uint32_t at_s, int series, uint32_t n);
/* The seconds of a bucket. Each width is a multiple of the one before. */
uint32_t timeline_width_s(const struct timeline *t);
/* The sum of a series. */
uint64_t timeline_sum(const struct timeline *t, int series);

#endif
