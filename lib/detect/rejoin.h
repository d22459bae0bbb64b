/* SPDX-License-Identifier: MIT */
/*
 * Does:         says which incidents that ended within a day belong to an attack that goes on: what
 *               comes slowly is folded as if it had come at once.
 * Doesn't know: how groups are found and folded (grouping_ended.h), and how incidents are merged.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_REJOIN_H
#define RELAYWATCH_DETECT_REJOIN_H

#include "detect/tables.h"

/* Where and when something goes on: a key of a scope. */
struct place {
    uint32_t scope;
    int level;
    uint64_t key;
    uint32_t now_s;
};

/* Notes, at an incident's end and before its cells leave the scope, the keys that it had in
 * common. */
void rejoin_note(struct detector *d, struct incident *incident);
/* Whether it has ended before: the cells in the scope no longer show its key. */
bool rejoin_has_ended(const struct incident *incident);
/* It has become wider: what it had before lies under the new key. */
void rejoin_widened(struct incident *incident);
/* Whether it has ended within a day and all it had lies under the key. */
bool rejoin_belongs(const struct detector *d, const struct incident *incident,
                    const struct place *place);
/* Whether the client is one of our own machines, which relays because of what is on it; a stranger
 * does because of a setting. */
bool rejoin_is_own_machine(enum kind kind, enum key_type type, struct span client);

#endif
