/* SPDX-License-Identifier: MIT */
#include "judge/lists.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "judge/scattered.h"

enum { LIST_MAX = 320 }; /* of a list's address */

/* The uids of persons, in login.defs(5) and beyond. Those between are systemd's, and nobody's. */
enum { PERSONS = 1000, DYNAMIC = 61184, NOBODY = 65534 };

uint64_t lists_hash(const struct judge *judge, struct span list, struct span domain)
{
    char address[LIST_MAX];

    if (list.len + 1 + domain.len > sizeof(address))
        return 0;
    memcpy(address, list.at, list.len);
    address[list.len] = '@';
    if (domain.len)
        memcpy(address + list.len + 1, domain.at, domain.len);
    return hash_nocase(span_of(address, list.len + 1 + domain.len), judge->tracker->seed);
}

bool lists_is_person(uint32_t uid)
{
    return uid >= PERSONS && !(uid >= DYNAMIC && uid <= NOBODY);
}

static uint64_t post(const struct message *m, uint64_t address)
{
    return hash_mix(address + m->message_id_hash, HASH_ODD_1 ^ HASH_ODD_2);
}

static bool has_id(const struct message *m)
{
    return m->message_id_hash && !message_has(m, MESSAGE_NO_ID | MESSAGE_OWN_ID);
}

void lists_take(struct judge *judge, const struct message *m, uint64_t address, uint32_t at_s)
{
    if (has_id(m))
        scattered_times(judge, m, post(m, address), at_s);
}

bool lists_is_post(struct judge *judge, const struct message *m)
{
    struct span sender = intern_span(m->sender), list;

    if (m->root != ORIGIN_LOCAL || lists_is_person(m->uid) || !has_id(m))
        return false;
    list = mail_address_list(sender);
    if (!list.len || classifier_class_of(&judge->classifier, sender) == CLASS_OUTSIDE)
        return false;
    uint64_t address = lists_hash(judge, list, mail_address_domain(sender));
    return address && scattered_lately(judge, m, post(m, address), m->begun_s) > 0;
}
