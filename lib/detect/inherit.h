/* SPDX-License-Identifier: MIT */
/*
 * Does:         lets a detector that has counted a log anew take the place of the one that counted
 *               it before: finds out which incidents are the same, withdraws those that no longer
 *               stand, and keeps what was alerted of the others.
 * Doesn't know: why the log was counted anew (engine/second_reading.h).
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        when memory is short nothing is withdrawn and nothing kept, and it returns false.
 *
 * Two incidents are the same if they have the same id; or else if one has what the other began with
 * (a client, an account ...) at about the same time. What counts now may have begun with another
 * message, so that its id is not the one of its alert: incident.told_as has that.
 */
#ifndef RELAYWATCH_DETECT_INHERIT_H
#define RELAYWATCH_DETECT_INHERIT_H

#include "detect/tables.h"

struct inherited {
    uint32_t same;      /* incidents that both have */
    uint32_t withdrawn; /* that only the old one had */
    uint32_t carried;   /* that began before since_s: nobody can look at them again */
};

/* `heir` has counted everything since since_s anew, up to the same line as `old`. Calls `old`'s
 * listener for each incident that is withdrawn or has ended. Those that only `heir` has stay
 * without an alert. `heir` draws its numbers after those that `old` had drawn when it began. */
bool detector_inherit(struct detector *heir, struct detector *old, uint32_t since_s, uint32_t now_s,
                      struct inherited *ret);

#endif
