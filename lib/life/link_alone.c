/* SPDX-License-Identifier: MIT */
#include "life/link_alone.h"

#include "life/link_keys.h"
#include "life/link_relation.h"

static struct link_entry *own_entry(struct lifecycle *life, const struct message *m)
{
    uint64_t key = link_key(m, 0);
    uint32_t at = link_index_first(&life->links, key);

    while (at) {
        struct link_entry *entry = link_index_entry(&life->links, at);
        if (entry->ref.serial == m->serial)
            return entry;
        at = link_index_from(&life->links, key, entry->before);
    }
    return NULL;
}

bool link_alone_delivered(struct lifecycle *life, const struct message *m,
                          const struct recipient *r)
{
    /* For whom it was delivered here first; 0: for nobody yet, or it has been asked for. */
    uint32_t note = (uint32_t)r->hash;

    if (!m->message_id_hash || !note || message_has(m, MESSAGE_SHARES_ID | MESSAGE_NO_ID))
        return false;
    struct link_entry *entry = own_entry(life, m);
    if (!entry)
        return false;
    if (entry->note && entry->note != note)
        lifecycle_index(life, m, link_key(m, r->hash));
    else
        entry->note = note;
    return true;
}

void link_alone_index(struct lifecycle *life, const struct message *m, const struct recipient *r)
{
    bool no_id = message_has(m, MESSAGE_NO_ID);

    lifecycle_index(life, m, no_id ? link_key_of_sender(life, m, r->hash) : link_key(m, r->hash));
    if (!no_id && relation_is_mailbox(life, r) && message_has(m, MESSAGE_HAS_SENDER))
        lifecycle_index(life, m, link_key_of_mailbox(life, m));
}

static void index_deliveries(struct lifecycle *life, struct message *m)
{
    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (message_recipients(m)[i].flags & RECIPIENT_HERE)
            link_alone_index(life, m, &message_recipients(m)[i]);
}

/* One that is gone is known by its first recipient. */
static void index_gone(struct lifecycle *life, const struct message *c, uint32_t position)
{
    struct link_entry *entry = link_index_entry(&life->links, position);
    struct message_ref ref = entry->ref;
    uint32_t note = entry->note;

    entry->note = 0;
    if (note)
        lifecycle_index_ref(life, ref, link_key(c, note));
}

void link_alone_end(struct lifecycle *life, struct message *c)
{
    uint64_t key = link_key(c, 0);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        uint32_t here = at;
        struct message *o = link_index_take(&life->links, life->tracker, key, &at);
        if (o == c)
            continue;
        c->flags |= MESSAGE_SHARES_ID;
        if (!o)
            index_gone(life, c, here);
        else if (!message_has(o, MESSAGE_SHARES_ID)) {
            o->flags |= MESSAGE_SHARES_ID;
            index_deliveries(life, o);
        }
    }
}
