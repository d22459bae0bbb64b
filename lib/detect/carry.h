/* SPDX-License-Identifier: MIT */
/*
 * Does:         copies an incident, with the cells it holds, from one detector to another that has
 *               other texts and hosts.
 * Doesn't know: why (inherit.h).
 * Owns:         nothing; the copy has references of its own.
 * Time:         timeless.
 * Fails:        when memory is short, or at the bound on cells, the copy has fewer cells.
 */
#ifndef RELAYWATCH_DETECT_CARRY_H
#define RELAYWATCH_DETECT_CARRY_H

#include "detect/tables.h"

/* Host's number in the detector, by name; HOSTS_NONE if it has none. */
uint16_t carry_host(const struct detector *d, const struct intern *name);

/* Copies `old`, which belongs to `from`. One that is open needs a host that `to` knows. What is
 * queued isn't carried over: `to` has messages of its own. NULL: there is no room for a name. */
struct incident *carry_incident(struct detector *to, const struct detector *from,
                                const struct incident *old);
/* Adds to `heir`, an open incident of `to`, what `old` counted before: each figure becomes the
 * larger of both, the lists have what either had, and the beginning, with what was crossed then, is
 * the earlier one. */
void carry_into(struct detector *to, const struct detector *from, const struct incident *old,
                struct incident *heir);

/* Whether the cell has this key, given for people. */
bool cell_is_under(const struct cell *cell, enum key_type type, struct span key);

#endif
