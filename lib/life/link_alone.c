/* SPDX-License-Identifier: MIT */
#include "life/link_alone.h"

#include "life/link_keys.h"
#include "life/link_relation.h"

/* What an entry by message-id notes: for whom the message was delivered here first. 0: for nobody
 * yet, or it has been asked for. */
static uint32_t note_of(uint64_t recipient)
{
    return (uint32_t)recipient;
}

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
    uint32_t note = note_of(r->hash);

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

/* As link_return.c does for each delivery. */
static void index_deliveries(struct lifecycle *life, struct message *m)
{
    bool has_mailbox = false;

    for (uint16_t i = 0; i < m->recipient_count; i++) {
        const struct recipient *r = &message_recipients(m)[i];
        if (r->flags & RECIPIENT_HERE)
            lifecycle_index(life, m, link_key(m, r->hash));
        has_mailbox |= relation_is_mailbox(life, r);
    }
    if (has_mailbox && message_has(m, MESSAGE_HAS_SENDER))
        lifecycle_index(life, m, link_key_of_mailbox(life, m));
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
