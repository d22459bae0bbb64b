/* SPDX-License-Identifier: MIT */
/*
 * Does:         looks at eight bytes of text at once in a 64-bit register (SWAR, "SIMD within a
 *               register"): which are in a range, how many from the first on, what number they
 *               spell. What tells a bit for each of 16 or 32 bytes has SSE2, where there is that.
 * Doesn't know: what the text is.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; the caller makes sure that eight, 16 or 32 bytes are readable.
 *
 * For what every line has: queue ID, process, delays, hashes. A loop takes about six instructions
 * per byte, this about two.
 */
#ifndef RELAYWATCH_BASE_SWAR_H
#define RELAYWATCH_BASE_SWAR_H

#include <endian.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* How many of the eight bytes are digits, up to the first that isn't. */
static inline unsigned swar_digits(uint64_t word)
{
    /* 0 to 9 stay below 0x80, so nothing is carried into the first byte that does not. */
    uint64_t value = word ^ SWAR_EACH('0');
    uint64_t others = ((value + SWAR_EACH(0x80 - 10)) | value) & SWAR_EACH(0x80);

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

/* The top bits of a mask's eight bytes, the lowest byte's first. */
static inline uint32_t swar_bits(uint64_t mask)
{
    /* The factor moves each bit to a place of its own in the top byte. */
    return (uint32_t)((mask >> 7 & SWAR_EACH(1)) * 0x0102040810204080u >> 56);
}

/* The three below without SSE2. */
static inline uint32_t swar_hex_by_eight(const char *at)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < 16; i += 8) {
        uint64_t word = swar_load(at + i);
        bits |= swar_bits(swar_in_range(word, '0', '9') | swar_in_range(word, 'A', 'F')) << i;
    }
    return bits;
}

static inline uint32_t swar_which_by_eight(const char *at, char byte)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < 32; i += 8)
        bits |= swar_bits(swar_in_range(swar_load(at + i) ^ SWAR_EACH((uint8_t)byte), 0, 0)) << i;
    return bits;
}

static inline uint32_t swar_same_by_eight(const char *a, const char *b)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < 32; i += 8)
        bits |= swar_bits(swar_in_range(swar_load(a + i) ^ swar_load(b + i), 0, 0)) << i;
    return bits;
}

/* A bit for each of 16 bytes that is an upper-case hex digit; the first byte's is the lowest. */
static inline uint32_t swar_hex(const char *at)
{
#ifdef __SSE2__
    __m128i text = _mm_loadu_si128((const void *)at);
    /* Below its range a byte wraps round to far above it. */
    __m128i digit = _mm_sub_epi8(text, _mm_set1_epi8('0'));
    __m128i letter = _mm_sub_epi8(text, _mm_set1_epi8('A'));
    __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(digits, letters));
#else
    return swar_hex_by_eight(at);
#endif
}

/* A bit for each of 32 bytes that is this one; the first byte's is the lowest. */
static inline uint32_t swar_which(const char *at, char byte)
{
#ifdef __SSE2__
    const __m128i *half = (const void *)at, wanted = _mm_set1_epi8(byte);
    uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(half), wanted));

    return low | (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(half + 1), wanted))
                     << 16;
#else
    return swar_which_by_eight(at, byte);
#endif
}

/* A bit for each of 32 bytes that both have in the same place. */
static inline uint32_t swar_same(const char *a, const char *b)
{
#ifdef __SSE2__
    const __m128i *x = (const void *)a, *y = (const void *)b;
    __m128i low = _mm_cmpeq_epi8(_mm_loadu_si128(x), _mm_loadu_si128(y));
    __m128i high = _mm_cmpeq_epi8(_mm_loadu_si128(x + 1), _mm_loadu_si128(y + 1));

    return (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
#else
    return swar_same_by_eight(a, b);
#endif
}

#endif
