/* SPDX-License-Identifier: MIT */
#include "life/link_taken.h"

#include "life/link_keys.h"
#include "life/link_relation.h"
#include "life/link_search.h"

/* It was turned away before it was queued, with its sender known: a milter took it. The flag goes
 * when it has come back. */
static bool is_taken(const struct message *m)
{
    return m->state == MESSAGE_GONE && message_has(m, MESSAGE_BEGAN) &&
           message_has(m, MESSAGE_RESOLVED) && message_has(m, MESSAGE_HAS_SENDER) &&
           message_has(m, MESSAGE_NOTICED) && !m->recipient_count && !m->parent.slot;
}

static bool may_be_it(const struct message *m)
{
    return message_has(m, MESSAGE_FROM_HERE) && message_has(m, MESSAGE_HAS_SENDER) &&
           !message_has(m, MESSAGE_RESOLVED) && m->origin != ORIGIN_ACCOUNT && !m->parent.slot &&
           !m->is_named;
}

static uint64_t key_of(const struct lifecycle *life, const struct message *m, bool no_id)
{
    return no_id ? link_key_of_sender(life, m, 0) : link_key(m, 0);
}

static bool fits(struct lifecycle *life, const struct message *taken, struct message *m)
{
    bool no_id = message_has(taken, MESSAGE_NO_ID);

    return is_taken(taken) && may_be_it(m) &&
           (no_id ? relation_came_without_id(m)
                  : taken->message_id_hash == m->message_id_hash && !relation_came_without_id(m)) &&
           span_equal(intern_span(taken->sender), intern_span(m->sender)) &&
           relation_may_be_parent(life, taken, m);
}

static bool is_one_persons(const struct message *a, const struct message *b)
{
    return a->root == b->root && a->client == b->client && a->who == b->who && a->uid == b->uid;
}

static void bring_back(struct lifecycle *life, struct message *taken, struct message *m)
{
    taken->flags &= (uint32_t)~MESSAGE_NOTICED;
    m->flags &= (uint32_t)~MESSAGE_CLAIMED;
    if (taken->root != ORIGIN_LOCAL) {
        lifecycle_brought_by(life, m, taken->client, message_who(taken, WHO_LOGIN));
        return;
    }
    m->uid = taken->uid;
    m->origin = ORIGIN_LOCAL;
    lifecycle_resolve(life, m, ORIGIN_LOCAL);
}

void link_taken_gone(struct lifecycle *life, struct message *m)
{
    bool no_id = message_has(m, MESSAGE_NO_ID);
    uint64_t key = key_of(life, m, no_id);

    if (!is_taken(m))
        return;
    if (no_id)
        lifecycle_index(life, m, key);
    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *o = link_search_other(life, m, key, &at);
        if (o && fits(life, m, o)) {
            bring_back(life, m, o);
            return;
        }
    }
}

void link_taken_look(struct lifecycle *life, struct message *m)
{
    uint64_t key = key_of(life, m, relation_came_without_id(m));
    struct message *found = NULL;

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *o = link_search_other(life, m, key, &at);
        if (!o || !fits(life, o, m))
            continue;
        if (found && message_has(o, MESSAGE_NO_ID) && !is_one_persons(found, o))
            return;
        found = o;
    }
    if (found)
        bring_back(life, found, m);
}
