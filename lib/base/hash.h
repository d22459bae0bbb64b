/* SPDX-License-Identifier: MIT */
/*
 * Does:         hashes text under a seed, for tables whose keys a stranger can choose.
 * Doesn't know: tables.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never. Not for secrets: the seed only makes collisions hard to provoke.
 *
 * A seed is drawn for each run and shown to nobody. Nothing that comes out depends on it: no order,
 * no choice of what is dropped. What each hash in this program is:
 *
 * index      only a hint; the keys are compared in full where hashes are equal: texts (intern),
 *            tallies, domains, queue IDs, prefixes of lines.
 * identity   nothing else is compared, since the texts would take too much memory: 64 bits under
 *            the seed, so that two agree by chance only, once in millions of runs. Recipients of a
 *            message, and with them addresses that get copies; cells and wider keys (cell.key,
 *            cell.level); links; replies; what a gateway shows itself by; lines of logs that
 *            overlap.
 * 32 bits    a Message-ID, which anybody can copy: it links nothing without sender, recipients and
 *            time.
 * no seed    an incident's id, which must be the same in every run: a name, not a key. Caches that
 *            compare in full, and tables whose keys no stranger chooses.
 */
#ifndef RELAYWATCH_BASE_HASH_H
#define RELAYWATCH_BASE_HASH_H

#include "base/span.h"
#include "base/swar.h"

/* Multiply and fold: one 64x64 multiplication spreads every input bit over the result. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Odd, with about as many ones as zeros, so that a product spreads well. */
#define HASH_ODD_1 0x9e3779b97f4a7c15u
#define HASH_ODD_2 0xd1b54a32d192ed03u

/* A seed as a factor of hash_mix: never 0, which would give 0 for everything. */
static inline uint64_t hash_factor(uint64_t seed)
{
    return (HASH_ODD_1 ^ seed) | 1;
}

/* Packs fewer than eight bytes into a number that depends on all of them. */
static inline uint64_t hash_short(struct span s)
{
    uint32_t first, last;

    if (s.len < 4)
        return s.len == 0 ? 0
                          : (uint8_t)s.at[0] | (uint64_t)(uint8_t)s.at[s.len / 2] << 8 |
                                (uint64_t)(uint8_t)s.at[s.len - 1] << 16;
    memcpy(&first, s.at, 4);
    memcpy(&last, s.at + s.len - 4, 4);
    return le32toh(first) | (uint64_t)le32toh(last) << 32;
}

static inline uint64_t hash_folded(uint64_t word, bool nocase)
{
    return nocase ? swar_lower(word) : word;
}

/* The last word overlaps the one before it, which saves a loop for the odd bytes. */
static inline uint64_t hash_any(struct span s, uint64_t seed, bool nocase)
{
    uint64_t h = seed ^ (s.len * HASH_ODD_1);

    if (s.len >= 8) {
        const char *last = s.at + s.len - 8;
        for (const char *at = s.at; at < last; at += 8)
            h = hash_mix(h ^ hash_folded(swar_load(at), nocase), HASH_ODD_2);
        h = hash_mix(h ^ hash_folded(swar_load(last), nocase), HASH_ODD_2);
    } else if (s.len) {
        h = hash_mix(h ^ hash_folded(hash_short(s), nocase), HASH_ODD_2);
    }
    return hash_mix(h, hash_factor(seed));
}

/* For text that is compared byte by byte. A table uses one seed throughout. */
static inline uint64_t hash_bytes(struct span s, uint64_t seed)
{
    return hash_any(s, seed, false);
}

/* For text that is compared without regard to ASCII case. */
static inline uint64_t hash_nocase(struct span s, uint64_t seed)
{
    return hash_any(s, seed, true);
}

#endif
