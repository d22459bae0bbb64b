/* SPDX-License-Identifier: MIT */
/*
 * Does:         says which members count under a key, how much, and whether that is too much.
 * Doesn't know: what groups are made of it (grouping.c).
 * Owns:         nothing.
 * Time:         event time in seconds, the grouping's.
 * Fails:        when memory is short, clients and networks count as fewer.
 */
#ifndef RELAYWATCH_DETECT_GROUPING_COUNT_H
#define RELAYWATCH_DETECT_GROUPING_COUNT_H

#include "detect/grouping_match.h"

/* Adds what the cell has counted, in the window or in a day. */
void grouping_add_cell(const struct grouping *s, const struct cell *cell, bool in_a_day,
                       uint64_t count[MEASURES]);
/* Whether an ungrouped member counts at that level, in the window or in a day. */
bool grouping_takes_part(const struct grouping *s, const struct member *member, int level,
                         bool in_a_day);
/* Whether a sender helps to make its uid or client a shared one. */
bool grouping_is_sharing(const struct grouping *s, const struct cell *cell);
/* Whether the members [from .. to) of one key that take part cross a threshold, and which. */
bool grouping_crosses(const struct grouping *s, int level, uint32_t from, uint32_t to,
                      bool in_a_day, struct crossing *ret_crossing);

#endif
