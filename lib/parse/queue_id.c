/* SPDX-License-Identifier: MIT */
#include "parse/queue_id.h"

#include "base/swar.h"
#include "parse/queue_id_alphabet.h"

enum { CODE = 0x3f, HEX = 0x40, BASE52 = 0x80, RAW_MAX = 16, SHORT_MIN = 6, LONG_MIN = 12 };
enum { LOW_CHARS = 10 };
enum { SEPARATOR_MIN = 10 }; /* the "z" between time and inode is here or later */

#define PACKED ((uint64_t)1 << 63)

/* 17 to 21 characters: ten in each half, the 21st in the bits left over. */
static struct queue_id pack(const char *at, size_t n)
{
    struct queue_id id = {0, PACKED};

    for (size_t i = 0; i < n; i++) {
        uint64_t code = queue_id_alphabet[(uint8_t)at[i]] & CODE;
        if (i < LOW_CHARS) {
            id.lo |= code << (6 * i);
        } else if (i < 2 * LOW_CHARS) {
            id.hi |= code << (6 * (i - LOW_CHARS));
        } else {
            id.lo |= code << 60;
            id.hi |= (code >> 4) << 60;
        }
    }
    return id;
}

/* The fast path: a short ID of up to 15 characters before ":", as in nearly every line; 0 for
 * anything else. RAW_MAX bytes are readable. */
static inline size_t parse_short(const char *at, struct queue_id *ret)
{
    /* RAW_MAX - n bytes into this, it begins with n bytes of ones. */
    static const uint8_t ones[2 * RAW_MAX] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    unsigned n = (unsigned)__builtin_ctz(~swar_hex(at));
    uint64_t mask[2], id[2];

    if (n < SHORT_MIN || n == RAW_MAX || at[n] != ':')
        return 0;
    memcpy(mask, ones + RAW_MAX - n, sizeof(mask));
    memcpy(id, at, sizeof(id));
    *ret = (struct queue_id){id[0] & mask[0], id[1] & mask[1]};
    return n;
}

static __attribute__((noinline)) size_t parse_any(struct span s, struct queue_id *ret)
{
    size_t max = s.len <= QUEUE_ID_MAX ? s.len : QUEUE_ID_MAX + 1;
    uint8_t all = HEX | BASE52;
    size_t n = 0;

    for (; n < max; n++) {
        uint8_t info = queue_id_alphabet[(uint8_t)s.at[n]];
        if (!(info & CODE))
            break;
        all &= info;
    }
    if (n < SHORT_MIN || n > QUEUE_ID_MAX)
        return 0;
    /* Not hex: only the long form is left, which has a "z" before the inode. */
    if (!(all & HEX)) {
        ptrdiff_t z = all & BASE52 && n >= LONG_MIN ? span_find_last(span_head(s, n), 'z') : -1;
        if (z < SEPARATOR_MIN || (size_t)z + 1 == n)
            return 0;
    }
    if (n > RAW_MAX) {
        *ret = pack(s.at, n);
    } else {
        *ret = (struct queue_id){0, 0};
        memcpy(&ret->lo, s.at, n < 8 ? n : 8);
        if (n > 8)
            memcpy(&ret->hi, s.at + 8, n - 8);
    }
    return n;
}

size_t queue_id_parse(struct span s, struct queue_id *ret)
{
    size_t quick = s.len >= RAW_MAX ? parse_short(s.at, ret) : 0;

    return quick ? quick : parse_any(s, ret);
}

const char *queue_id_print(struct queue_id id, char *buf)
{
    static const char chars[] = QUEUE_ID_CHARS;
    size_t n = 0;

    if (!(id.hi & PACKED)) { /* the bytes themselves, with NULs after the last */
        memcpy(buf, &id.lo, 8);
        memcpy(buf + 8, &id.hi, 8);
        buf[RAW_MAX] = '\0';
        return buf;
    }
    for (; n < QUEUE_ID_MAX; n++) {
        uint64_t code;
        if (n < LOW_CHARS)
            code = id.lo >> (6 * n) & CODE;
        else if (n < 2 * LOW_CHARS)
            code = id.hi >> (6 * (n - LOW_CHARS)) & CODE;
        else
            code = (id.lo >> 60 & 0xf) | (id.hi >> 60 & 0x3) << 4;
        if (!code)
            break;
        buf[n] = chars[code - 1];
    }
    buf[n] = '\0';
    return buf;
}
