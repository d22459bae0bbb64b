/* SPDX-License-Identifier: MIT */
/*
 * Does:         hashes the texts of a record by which what is known already is found: a client, a
 *               message-id, or a recipient and its domain.
 * Doesn't know: the tables in which they are looked up; they all have this seed.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; zeros for a record without such a text.
 *
 * Done where a line is parsed: with a second processor that is another thread (parse_thread.h), in
 * whose cache the text is.
 */
#ifndef RELAYWATCH_PARSE_RECORD_HASH_H
#define RELAYWATCH_PARSE_RECORD_HASH_H

#include "parse/record.h"

struct record_hash {
    uint64_t text;   /* hash_bytes of a client or message-id, hash_nocase of a recipient */
    uint32_t domain; /* hash_bytes of the domain of what smtp(8) delivers */
};

/* Whether the record has such a text. */
static inline bool record_has_text(const struct record *rec)
{
    const uint64_t types = UINT64_C(1) << RECORD_CLIENT | UINT64_C(1) << RECORD_MESSAGE_ID |
                           UINT64_C(1) << RECORD_DELIVERY | UINT64_C(1) << RECORD_CUT |
                           UINT64_C(1) << RECORD_AMBIGUOUS;

    return types >> rec->type & 1;
}

struct record_hash record_hash(const struct record *rec, uint64_t seed);

#endif
