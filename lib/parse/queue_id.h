/* SPDX-License-Identifier: MIT */
/*
 * Does:         Postfix queue IDs as two numbers, so that a table can hold and compare them.
 * Doesn't know: records, messages.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        queue_id_parse returns 0 for what is no queue ID.
 *
 * Forms: global/mail_queue.h (Postfix 2.9 and later). Short: upper-case hex, five digits of
 * microseconds and the inode, 6 to 21 characters. Long: base 52 (no vowels), ten or more characters
 * of time, the last "z", the inode in base 51; 12 to 21 are taken here (23 are possible only where
 * inode numbers need more than 56 bits).
 */
#ifndef RELAYWATCH_PARSE_QUEUE_ID_H
#define RELAYWATCH_PARSE_QUEUE_ID_H

#include "base/span.h"

enum { QUEUE_ID_MAX = 21, QUEUE_ID_TEXT_MAX = 24 };

/* Up to 16 characters as they are, the first in the lowest byte of lo, the rest zero. Longer ones
 * (inode numbers of more than 44 bits) with six bits a character and the highest bit of hi set,
 * which no character has. Both zero is no ID. */
struct queue_id {
    uint64_t lo, hi;
};

/* How many characters at the start of s are a queue ID (the character after them is none of its
 * alphabet); 0 where there is none. */
size_t queue_id_parse(struct span s, struct queue_id *ret);
/* buf has QUEUE_ID_TEXT_MAX bytes; returns buf. */
const char *queue_id_print(struct queue_id id, char *buf);

static inline bool queue_id_equal(struct queue_id a, struct queue_id b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

static inline bool queue_id_is_set(struct queue_id id)
{
    return id.lo != 0;
}

#endif
