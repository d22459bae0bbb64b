/* SPDX-License-Identifier: MIT */
/*
 * Does:         looks at eight bytes of text at once in a 64-bit register (SWAR, "SIMD within a
 *               register"): which are in a range, how many from the first on, what number they
 *               spell.
 * Doesn't know: what the text is.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; the caller makes sure that eight bytes are readable.
 *
 * For what every line has: queue ID, process, delays, hashes. A loop takes about six instructions
 * per byte, this about two.
 */
#ifndef RELAYWATCH_BASE_SWAR_H
#define RELAYWATCH_BASE_SWAR_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* The byte, eight times. */
#define SWAR_EACH(byte) ((uint64_t)(byte)*0x0101010101010101u)

/* The first byte becomes the lowest. */
static inline uint64_t swar_load(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return le64toh(word);
}

/* A mask with the top bit of every byte in [first, last] set; both are below 0x80. */
static inline uint64_t swar_in_range(uint64_t word, uint8_t first, uint8_t last)
{
    /* Without its top bit a byte can't carry into the next one. */
    uint64_t ascii = word & SWAR_EACH(0x7f);

    return (ascii + SWAR_EACH(0x80 - first)) & ~(ascii + SWAR_EACH(0x7f - last)) & ~word &
           SWAR_EACH(0x80);
}

/* A..Z of the eight bytes in lower case. */
static inline uint64_t swar_lower(uint64_t word)
{
    return word | swar_in_range(word, 'A', 'Z') >> 2;
}

/* How many bytes of such a mask are set, counting from the lowest up to the first gap: 0 to 8. */
static inline unsigned swar_leading(uint64_t mask)
{
    uint64_t others = ~mask & SWAR_EACH(0x80);

    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* The number that the first n bytes spell; all are digits, n is 1 to 8. */
static inline uint32_t swar_decimal(uint64_t word, unsigned n)
{
    /* Pad with leading zeros to eight digits, then join them to pairs, fours and eight. */
    word = word << (64 - 8 * n) & SWAR_EACH(0x0f);
    word = word * (10 * 0x100 + 1) >> 8 & 0x00ff00ff00ff00ffu;
    word = word * (100 * 0x10000 + 1) >> 16 & 0x0000ffff0000ffffu;
    return (uint32_t)(word * (10000 * ((uint64_t)1 << 32) + 1) >> 32);
}

#endif
