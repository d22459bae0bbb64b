/* SPDX-License-Identifier: MIT */
#include "queue_id.h"

#include "queue_id_alphabet.h"

enum { CODE = 0x3f, HEX = 0x40, BASE52 = 0x80, LOW_CHARS = 10, SHORT_MIN = 6, LONG_MIN = 12 };
enum { SEPARATOR_MIN = 10 }; /* the "z" between time and inode stands here or later */

static void put(struct queue_id *id, size_t i, uint64_t code)
{
    if (i < LOW_CHARS) {
        id->lo |= code << (6 * i);
    } else if (i < 2 * LOW_CHARS) {
        id->hi |= code << (6 * (i - LOW_CHARS));
    } else { /* the 21st: its six bits go where each half has four left */
        id->lo |= code << 60;
        id->hi |= (code >> 4) << 60;
    }
}

size_t queue_id_parse(struct span s, struct queue_id *ret)
{
    struct queue_id id = {0, 0};
    size_t max = s.len < QUEUE_ID_MAX ? s.len : QUEUE_ID_MAX;
    uint8_t all = HEX | BASE52;
    size_t n = 0, z = 0;

    for (; n < max; n++) {
        uint8_t info = queue_id_alphabet[(uint8_t)s.at[n]];
        if (!(info & CODE))
            break;
        all &= info;
        if (s.at[n] == 'z')
            z = n;
        put(&id, n, info & CODE);
    }
    if (n < s.len && queue_id_alphabet[(uint8_t)s.at[n]] & CODE)
        return 0;
    bool is_long = n >= LONG_MIN && all & BASE52 && z >= SEPARATOR_MIN && z + 1 < n;
    bool is_short = n >= SHORT_MIN && all & HEX;
    if (!is_long && !is_short)
        return 0;
    *ret = id;
    return n;
}

const char *queue_id_print(struct queue_id id, char *buf)
{
    static const char chars[] = QUEUE_ID_CHARS;
    size_t n = 0;

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
