/* SPDX-License-Identifier: MIT */
#include "judge/refused.h"

#include <stdlib.h>

#include "base/hash.h"

static uint64_t key_of(struct message_ref of, uint64_t recipient)
{
    uint64_t key = hash_mix(((uint64_t)of.slot << 32 | of.serial) ^ recipient, HASH_ODD_1);

    return key ? key : 1;
}

static struct refused_entry *set_of(const struct refused *refused, uint64_t key)
{
    return &refused->entry[key % (REFUSED_MAX / REFUSED_WAYS) * REFUSED_WAYS];
}

bool refused_restore(struct refused *refused, struct interns *texts,
                     const struct refused_entry *entry)
{
    if (!refused->entry)
        refused->entry = calloc(REFUSED_MAX, sizeof(*refused->entry));
    if (!refused->entry)
        return false;
    struct refused_entry *set = set_of(refused, entry->key), *oldest = &set[REFUSED_WAYS - 1];
    intern_put(texts, oldest->by);
    intern_put(texts, oldest->domain);
    memmove(set + 1, set, (REFUSED_WAYS - 1) * sizeof(*set));
    *set = (struct refused_entry){entry->key, intern_ref(entry->by), intern_ref(entry->domain)};
    return true;
}

void refused_add(struct refused *refused, struct interns *texts, struct message_ref of,
                 uint64_t recipient, struct intern *by, struct intern *domain)
{
    const struct refused_entry entry = {key_of(of, recipient), by, domain};

    refused_restore(refused, texts, &entry);
}

const struct refused_entry *refused_find(const struct refused *refused, struct message_ref of,
                                         uint64_t recipient)
{
    uint64_t key = key_of(of, recipient);
    const struct refused_entry *set = refused->entry ? set_of(refused, key) : NULL;

    for (int i = 0; set && i < REFUSED_WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

void refused_done(struct refused *refused, struct interns *texts)
{
    for (int i = 0; refused->entry && i < REFUSED_MAX; i++) {
        intern_put(texts, refused->entry[i].by);
        intern_put(texts, refused->entry[i].domain);
    }
    free(refused->entry);
    refused->entry = NULL;
}
