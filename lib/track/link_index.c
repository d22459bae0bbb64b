/* SPDX-License-Identifier: MIT */
#include "track/link_index.h"

static struct link_entry *entry_at(struct link_index *index, uint32_t position)
{
    return &index->entry[position % LINK_ENTRIES];
}

void link_index_append(struct link_index *index, struct message_ref ref, uint64_t key)
{
    struct link_chain *chain = &index->chain[key % LINK_CHAINS];

    if (++index->count == 0) /* 0 stands for none */
        ++index->count;
    *entry_at(index, index->count) = (struct link_entry){ref, key, chain->newest};
    if (!ref.slot)
        return;
    chain->seen = link_key_bit(key) | (link_index_is_there(index, chain->newest) ? chain->seen : 0);
    chain->newest = index->count;
}

/* Takes the message's own entry out of the chain if the key has one already, else the oldest of a
 * key that has LINK_WAYS. Chains so stay short however often one key is added. */
static struct message_ref make_room(struct link_index *index, const struct message *m, uint64_t key)
{
    struct link_chain *chain = &index->chain[key % LINK_CHAINS];
    uint32_t *link = &chain->newest;
    int ways = 0;

    if (!(chain->seen & link_key_bit(key)))
        return (struct message_ref){0, 0};
    while (link_index_is_there(index, *link)) {
        struct link_entry *entry = entry_at(index, *link);
        if (entry->key == key && (entry->ref.serial == m->serial || ++ways == LINK_WAYS)) {
            struct message_ref ref = entry->ref;
            *link = entry->before;
            entry->ref = (struct message_ref){0, 0}; /* whoever stands here can still go on */
            return ref;
        }
        link = &entry->before;
    }
    return (struct message_ref){0, 0};
}

bool link_index_add(struct link_index *index, struct tracker *t, const struct message *m,
                    uint64_t key)
{
    struct message_ref dropped = make_room(index, m, key);
    struct message_ref overwritten = entry_at(index, index->count + 1)->ref;

    link_index_append(index, tracker_ref(m), key);
    /* Most often there was nothing to drop. */
    return (!dropped.slot || dropped.serial == m->serial || !tracker_deref(t, dropped)) &&
           (!overwritten.slot || !tracker_deref(t, overwritten));
}

struct message *link_index_take(const struct link_index *index, struct tracker *t, uint64_t key,
                                uint32_t *at)
{
    const struct link_entry *entry = &index->entry[*at % LINK_ENTRIES];
    struct message_ref ref = entry->ref;

    *at = link_index_from(index, key, entry->before);
    return tracker_deref(t, ref);
}

uint32_t link_index_gone(const struct link_index *index, struct tracker *t, uint64_t key)
{
    uint32_t at = link_index_first(index, key);

    while (at) {
        uint32_t here = at;
        if (!link_index_take(index, t, key, &at))
            return here;
    }
    return 0;
}

void link_index_drop(struct link_index *index, uint32_t position)
{
    entry_at(index, position)->ref = (struct message_ref){0, 0};
}
