/* SPDX-License-Identifier: MIT */
/*
 * Does:         lets incidents that ended within a day take part when groups are folded.
 * Doesn't know: how groups are folded; which incident becomes a group's (grouping_match.h).
 * Owns:         nothing; grouping.c owns the array of a struct grouping.
 * Time:         event time in seconds, the grouping's.
 * Fails:        grouping_ended_gather returns false when memory is short.
 */
#ifndef RELAYWATCH_DETECT_GROUPING_ENDED_H
#define RELAYWATCH_DETECT_GROUPING_ENDED_H

#include "detect/grouping_match.h"

/* Lists the incidents that the next three look at. */
bool grouping_ended_gather(struct grouping *s);
/* How many ended incidents lie under the key and under that of no group. */
uint32_t grouping_ended_count(const struct grouping *s, int level, uint64_t key);
/* Whether one that has ended had that very key. */
bool grouping_ended_on(const struct grouping *s, int level, uint64_t key);
/* Whether an open incident on that very key has ended before, so that its groups must stay
 * together. */
bool grouping_ended_keeps(const struct grouping *s, int level, uint64_t key);
/* Whether a group may be one of several of an attack, by its key: not a sender, nor a machine of
 * our own, each of which is to blame for itself. */
bool grouping_ended_is_member(const struct grouping *s, const struct group *group);

#endif
