/* SPDX-License-Identifier: MIT */
#include "judge/own_copies.h"

#include "base/hash.h"

/* Who sends it, and to whom. */
static uint64_t pair_of(const struct judge *judge, const struct message *m,
                        const struct recipient *r)
{
    uint64_t host = judge->hosts->host[hosts_host(m->source)].name->hash;
    const struct intern *name = m->root == ORIGIN_ACCOUNT ? message_who(m, WHO_LOGIN) : m->client;
    uint64_t who = m->root == ORIGIN_LOCAL ? m->uid : name ? name->hash : 0;

    return hash_mix(hash_mix(host + who, HASH_ODD_2) ^ r->hash, HASH_ODD_2 + m->root);
}

static bool is_found(const struct judge *judge, const struct message *m, const struct recipient *r)
{
    return repeats_times(&judge->repeats, pair_of(judge, m, r), r->at_s) >= OWN_COPIES_MIN;
}

/* Of the others, so many are known to get copies. */
static uint32_t count_found(const struct judge *judge, struct message *m, const struct recipient *r)
{
    uint32_t found = 0;

    for (uint16_t i = 0; i < m->recipient_count; i++) {
        const struct recipient *other = &message_recipients(m)[i];
        found += other != r && other->flags & RECIPIENT_JUDGED && is_found(judge, m, other);
    }
    return found;
}

/* Two addresses that always get mail together are not both copies. */
static void add(struct judge *judge, struct message *m, const struct recipient *r)
{
    if (count_found(judge, m, r) + 1U < m->recipient_count)
        judge->repeats.copies +=
            repeats_add(&judge->repeats, pair_of(judge, m, r), r->at_s) == OWN_COPIES_MIN;
}

/* The recipient that was judged before r, if it was the only one. */
static const struct recipient *only_one_before(struct message *m, const struct recipient *r)
{
    const struct recipient *before = NULL;

    for (uint16_t i = 0; i < m->recipient_count; i++) {
        const struct recipient *other = &message_recipients(m)[i];
        if (other == r || !(other->flags & RECIPIENT_JUDGED))
            continue;
        if (before)
            return NULL;
        before = other;
    }
    return before;
}

bool own_copies_see(struct judge *judge, struct message *m, const struct recipient *r)
{
    if (m->recipient_count > OWN_COPIES_RECIPIENTS)
        return false;
    bool is_copy =
        judge->repeats.copies && is_found(judge, m, r) && count_found(judge, m, r) < OWN_COPIES_MAX;
    if (m->recipient_count < 2)
        return is_copy;
    const struct recipient *before = only_one_before(m, r);
    if (before)
        add(judge, m, before);
    add(judge, m, r);
    return is_copy;
}

void own_copies_gone(struct judge *judge, struct message *m)
{
    const struct recipient *r = message_recipients(m);

    if (judge->repeats.copies && m->recipient_count == 1 && r->flags & RECIPIENT_JUDGED &&
        r->class != CLASS_OURS &&
        (m->root == ORIGIN_ACCOUNT || m->root == ORIGIN_LOCAL || m->root == ORIGIN_TRUSTED))
        repeats_forget(&judge->repeats, pair_of(judge, m, r));
}
