/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers for how long somebody has sent from somewhere: a login from a network, a
 *               trusted client or a uid under a sender.
 * Doesn't know: what is made of it (report/severity.h).
 * Owns:         its table, allocated at first sight: a megabyte.
 * Time:         event time in seconds; a pair is forgotten 60 days after it was last seen.
 * Fails:        when memory is short, nobody is familiar. A full set of four slots drops the pair
 *               that was silent longest.
 */
#ifndef RELAYWATCH_JUDGE_FAMILIAR_H
#define RELAYWATCH_JUDGE_FAMILIAR_H

#include <stdbool.h>
#include <stdint.h>

enum { FAMILIAR_SLOTS = 65536, FAMILIAR_WAYS = 4, FAMILIAR_AFTER_S = 86400 };

struct familiar {
    struct familiar_slot {
        uint64_t pair; /* a hash; 0: free */
        uint32_t first_s, last_s;
    } * slot; /* FAMILIAR_SLOTS, in sets of FAMILIAR_WAYS; NULL: none seen yet */
};

/* The pair is seen. True if it was first seen at least FAMILIAR_AFTER_S before. */
bool familiar_see(struct familiar *familiar, uint64_t pair, uint32_t at_s);
/* Into an empty one. When memory is short, it stays empty. */
void familiar_copy(struct familiar *to, const struct familiar *from);
void familiar_done(struct familiar *familiar);

#endif
