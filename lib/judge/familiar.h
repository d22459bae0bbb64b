/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers for how long somebody has sent from somewhere, and how much in a day: a
 *               login from a network, a trusted client or a uid under a sender.
 * Doesn't know: what is made of it (report/severity.h).
 * Owns:         its table, allocated at first sight: one megabyte.
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
        uint32_t first_s, last_s;
        uint64_t tag : 26;   /* of the pair, whose other bits are the set's number; 0: free */
        uint64_t today : 19; /* how often on the latest day (UTC), that of last_s */
        uint64_t most : 19;  /* how often on the busiest day before */
    } * slot;                /* FAMILIAR_SLOTS, in sets of FAMILIAR_WAYS; NULL: none seen yet */
};

enum { FAMILIAR_OFTEN = (1 << 19) - 1 }; /* more is not counted */

_Static_assert(sizeof(struct familiar_slot) * FAMILIAR_WAYS == 64, "a set is a cache line");

struct familiarity {
    bool is_old;   /* it was first seen at least FAMILIAR_AFTER_S before */
    bool is_usual; /* and on its day no more often than twice as on the busiest day before */
};

/* Prefetches what familiar_see will read. */
static inline void familiar_prefetch(const struct familiar *familiar, uint64_t pair)
{
    if (!familiar->slot)
        return;
    __builtin_prefetch(&familiar->slot[pair % (FAMILIAR_SLOTS / FAMILIAR_WAYS) * FAMILIAR_WAYS], 1);
}

/* The pair is seen. */
struct familiarity familiar_see(struct familiar *familiar, uint64_t pair, uint32_t at_s);
/* How often it was seen on its latest day, if it was seen within the last 24 hours. */
uint32_t familiar_lately(const struct familiar *familiar, uint64_t pair, uint32_t at_s);
/* True if it was seen before that second. */
bool familiar_before(const struct familiar *familiar, uint64_t pair, uint32_t at_s);
/* Puts back what a save holds, at that place among FAMILIAR_SLOTS. */
void familiar_restore(struct familiar *familiar, uint32_t at, const struct familiar_slot *slot);
/* Into an empty one, without the counts: the log that they are of may be read again. When memory is
 * short, it stays empty. */
void familiar_copy(struct familiar *to, const struct familiar *from);
void familiar_done(struct familiar *familiar);

#endif
