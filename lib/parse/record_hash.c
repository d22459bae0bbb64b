/* SPDX-License-Identifier: MIT */
#include "parse/record_hash.h"

#include "base/hash.h"

struct record_hash record_hash(const struct record *rec, uint64_t seed)
{
    struct record_hash ret = {0};

    if (!record_has_text(rec))
        return ret;
    if (rec->type == RECORD_CLIENT) {
        ret.text = hash_bytes(rec->client, seed);
    } else if (rec->type == RECORD_MESSAGE_ID) {
        ret.text = hash_bytes(rec->message_id, seed);
    } else {
        ret.text = hash_nocase(rec->recipient, seed);
        if (rec->program == PROGRAM_SMTP)
            ret.domain = (uint32_t)hash_bytes(rec->recipient_domain, seed);
    }
    return ret;
}
