/* SPDX-License-Identifier: MIT */
/*
 * Does:         a slice of text that someone else owns: compare, cut, read a number.
 * Doesn't know: what the text means.
 * Owns:         nothing; a span is valid as long as the buffer it points into.
 * Time:         timeless.
 * Fails:        a search that finds nothing returns -1; a function that cuts returns false.
 */
#ifndef RELAYWATCH_BASE_SPAN_H
#define RELAYWATCH_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/swar.h"

struct span {
    const char *at; /* may be NULL when len is 0 */
    size_t len;     /* bytes */
};

/* SPAN("text") is the span of a literal; an array of spans can be initialised with it. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})
#define SPAN_NONE     ((struct span){NULL, 0})
/* For printf("%.*s"). */
#define SPAN_ARG(s) (int)(s).len, text_or_empty((s).at)

/* For C functions that take no NULL. */
static inline const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static inline struct span span_of(const char *at, size_t len)
{
    return (struct span){at, len};
}

/* The span of a C string; NULL gives an empty one. */
static inline struct span span_str(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

/* memcmp() == 0. A length that the compiler knows is compared in registers, even where it thinks a
 * branch unlikely and would call memcmp. */
static inline __attribute__((always_inline)) bool bytes_equal(const char *a, const char *b,
                                                              size_t len)
{
    uint32_t a_ends[2], b_ends[2];

    if (__builtin_constant_p(len) && len >= 4 && len < 8) {
        memcpy(&a_ends[0], a, 4);
        memcpy(&a_ends[1], a + len - 4, 4);
        memcpy(&b_ends[0], b, 4);
        memcpy(&b_ends[1], b + len - 4, 4);
        return ((a_ends[0] ^ b_ends[0]) | (a_ends[1] ^ b_ends[1])) == 0;
    }
    if (__builtin_constant_p(len) && len >= 8 && len <= 16)
        return ((swar_load(a) ^ swar_load(b)) |
                (swar_load(a + len - 8) ^ swar_load(b + len - 8))) == 0;
    return memcmp(a, b, len) == 0;
}

/* Compares bytes. Spans of any length may be compared, empty ones are equal. */
static inline __attribute__((always_inline)) bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (b.len == 0 || bytes_equal(a.at, b.at, b.len));
}

/* tolower() of the C locale: what the log says must not depend on the locale. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* '?' for a control character, or a byte that isn't ASCII: what strangers write goes to logs and
 * terminals. */
static inline char printable_char(char c)
{
    return c >= ' ' && c < 0x7f ? c : '?';
}

/* All of a C string, in place. NULL is allowed. */
static inline void make_printable(char *text)
{
    for (; text && *text; text++)
        *text = printable_char(*text);
}

/* Ignores ASCII case only, which is how domains and addresses in a log compare. */
static inline bool span_equal_nocase(struct span a, struct span b)
{
    size_t i = 0;

    if (a.len != b.len)
        return false;
    if (a.len < 8) {
        for (; i < a.len; i++)
            if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
                return false;
        return true;
    }
    /* The last word overlaps the one before it, which saves a loop for the odd bytes. */
    for (; i + 8 < a.len; i += 8)
        if (swar_lower(swar_load(a.at + i)) != swar_lower(swar_load(b.at + i)))
            return false;
    i = a.len - 8;
    return swar_lower(swar_load(a.at + i)) == swar_lower(swar_load(b.at + i));
}

/* Inlined, so that a literal prefix is compared in a register. */
static inline __attribute__((always_inline)) bool span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && bytes_equal(s.at, prefix.at, prefix.len);
}

static inline bool span_ends(struct span s, struct span suffix)
{
    return s.len >= suffix.len && memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0;
}

/* What follows the first n bytes; n is at most s.len. (NULL + 0 is undefined in C17.) */
static inline struct span span_skip(struct span s, size_t n)
{
    return (struct span){n ? s.at + n : s.at, s.len - n};
}

/* The first n bytes; n is at most s.len. */
static inline struct span span_head(struct span s, size_t n)
{
    return (struct span){s.at, n};
}

/* Cuts prefix off *s; false, leaving *s alone, if it is not there. */
static inline __attribute__((always_inline)) bool span_take(struct span *s, struct span prefix)
{
    if (!span_starts(*s, prefix))
        return false;
    *s = span_skip(*s, prefix.len);
    return true;
}

/* Offset of the first c, or -1. */
static inline ptrdiff_t span_find(struct span s, char c)
{
    const char *hit = s.len ? memchr(s.at, c, s.len) : NULL;
    return hit ? hit - s.at : -1;
}

/* The same, for what is mostly among the first 32 bytes. */
static inline ptrdiff_t span_find_near(struct span s, char c)
{
    uint32_t hits = s.len >= 32 ? swar_which(s.at, c) : 0;

    return hits ? __builtin_ctz(hits) : span_find(s, c);
}

/* Whether c is among the first n bytes, of which there are mostly less than 32; n is at most s.len.
 */
static inline bool span_has_near(struct span s, size_t n, char c)
{
    if (s.len >= 32 && n < 32)
        return swar_which(s.at, c) & (((uint32_t)1 << n) - 1);
    return span_find(span_head(s, n), c) >= 0;
}

/* Cuts the next line, up to '\n' or the end, off *s; false if nothing is left. */
static inline bool span_take_line(struct span *s, struct span *ret)
{
    ptrdiff_t newline = span_find(*s, '\n');

    if (s->len == 0)
        return false;
    *ret = span_head(*s, newline < 0 ? s->len : (size_t)newline);
    *s = span_skip(*s, ret->len + (newline >= 0));
    return true;
}

/* What separates the words of a list, in our settings and in Postfix's. */
static inline bool is_word_break(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

/* Cuts the next word of a list, and the blanks and commas before it, off *s; false at the end. */
static inline bool span_take_word(struct span *s, struct span *ret)
{
    size_t from = 0, to;

    while (from < s->len && is_word_break(s->at[from]))
        from++;
    for (to = from; to < s->len && !is_word_break(s->at[to]);)
        to++;
    *ret = span_head(span_skip(*s, from), to - from);
    *s = span_skip(*s, to);
    return ret->len > 0;
}

/* Whether the word is one of a list's. */
static inline bool span_has_word(struct span list, struct span wanted)
{
    struct span word;

    while (span_take_word(&list, &word))
        if (span_equal(word, wanted))
            return true;
    return false;
}

/* Offset of the last c, or -1. */
static inline ptrdiff_t span_find_last(struct span s, char c)
{
    const char *hit = s.len ? memrchr(s.at, c, s.len) : NULL;
    return hit ? hit - s.at : -1;
}

/* Cuts off blanks, tabs and line ends on the right. */
static inline struct span span_trim_end(struct span s)
{
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t' || s.at[s.len - 1] == '\r' ||
                     s.at[s.len - 1] == '\n'))
        s.len--;
    return s;
}

/* Cuts off blanks and tabs on both sides, and line ends on the right. */
static inline struct span span_trim(struct span s)
{
    while (s.len && (s.at[0] == ' ' || s.at[0] == '\t'))
        s = span_skip(s, 1);
    return span_trim_end(s);
}

/* isdigit() without locale, and defined for any char. */
static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Cuts a decimal number of at most 18 digits off *s; false if there is none or it is longer. */
static inline bool span_take_number(struct span *s, uint64_t *ret)
{
    uint64_t n = 0;
    size_t i = 0;

    while (i < s->len && i < 18 && is_digit(s->at[i]))
        n = n * 10 + (uint64_t)(s->at[i++] - '0');
    if (i == 0 || (i < s->len && is_digit(s->at[i])))
        return false;
    *s = span_skip(*s, i);
    *ret = n;
    return true;
}

/* Cuts the digits, "." and "/" at the start off *s: "0.26", "0.12/0.07/0.06/0". */
static inline struct span span_take_decimals(struct span *s)
{
    size_t i = 0, n = 8;

    _Static_assert('/' == '.' + 1 && '0' == '/' + 1, "one range: . / 0 to 9");
    while (n == 8 && i + 8 <= s->len)
        i += n = swar_leading(swar_in_range(swar_load(s->at + i), '.', '9'));
    while (n == 8 && i < s->len && s->at[i] >= '.' && s->at[i] <= '9')
        i++;
    struct span decimals = span_head(*s, i);
    *s = span_skip(*s, i);
    return decimals;
}

#endif
