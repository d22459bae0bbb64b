/* SPDX-License-Identifier: MIT */
/*
 * Does:         hashes bytes and numbers under a seed, for tables whose keys a stranger can choose.
 * Doesn't know: tables.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never. Not for secrets: the seed only makes collisions hard to aim at.
 */
#ifndef RELAYWATCH_HASH_H
#define RELAYWATCH_HASH_H

#include "span.h"

/* Multiply and fold: one 64x64 multiplication spreads every input bit over the result. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#define HASH_ODD_1 0x9e3779b97f4a7c15u
#define HASH_ODD_2 0xd1b54a32d192ed03u

static inline uint64_t hash_bytes(struct span s, uint64_t seed)
{
    uint64_t h = seed ^ (s.len * HASH_ODD_1);
    uint64_t word;

    while (s.len >= 8) {
        memcpy(&word, s.at, 8);
        h = hash_mix(h ^ word, HASH_ODD_2);
        s = span_skip(s, 8);
    }
    if (s.len) {
        word = 0;
        memcpy(&word, s.at, s.len);
        h = hash_mix(h ^ word, HASH_ODD_2);
    }
    return hash_mix(h, HASH_ODD_1 ^ seed);
}

/* The same for text that is compared without ASCII case. */
static inline uint64_t hash_nocase(struct span s, uint64_t seed)
{
    uint64_t h = seed ^ (s.len * HASH_ODD_1);
    uint64_t word;

    for (; s.len; s = span_skip(s, s.len < 8 ? s.len : 8)) {
        word = 0;
        memcpy(&word, s.at, s.len < 8 ? s.len : 8);
        /* Sets bit 5 of every byte that is A..Z: bytes below 0x80 only, as in the log. */
        uint64_t ascii = word & 0x7f7f7f7f7f7f7f7fu;
        uint64_t upper = ((ascii + 0x3f3f3f3f3f3f3f3fu) & ~(ascii + 0x2525252525252525u)) & ~word &
                         0x8080808080808080u;
        h = hash_mix(h ^ (word | upper >> 2), HASH_ODD_2);
    }
    return hash_mix(h, HASH_ODD_1 ^ seed);
}

#endif
