/* SPDX-License-Identifier: MIT */
/*
 * Does:         packs a Postfix queue ID into two numbers, which a table can hold and compare.
 * Doesn't know: records, messages.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        queue_id_parse returns 0 if there is no queue ID.
 *
 * Forms: global/mail_queue.h (Postfix 2.9 and later). Short: 6 to 21 upper-case hex digits, five of
 * microseconds and then the inode. Long: base 52 (no vowels), ten or more characters of time, the
 * last "z", the inode in base 51. Of these, 12 to 21 characters are accepted; 23 are possible only
 * with inode numbers of more than 56 bits.
 */
#ifndef RELAYWATCH_PARSE_QUEUE_ID_H
#define RELAYWATCH_PARSE_QUEUE_ID_H

#include "base/span.h"

enum { QUEUE_ID_MAX = 21, QUEUE_ID_TEXT_MAX = 24 };

/* Up to 16 characters as they are, the first in the lowest byte of lo, zeros after the last. Longer
 * IDs (inode numbers of more than 44 bits) take six bits per character, marked by the top bit of
 * hi, which no character has. Both zero: no ID. */
struct queue_id {
    uint64_t lo, hi;
};

/* The length of the queue ID that s begins with, which ends before the first character that no ID
 * can hold; 0 if there is none. */
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
