/* SPDX-License-Identifier: MIT */
#include "track/link_index.h"

static size_t first_of(uint32_t key)
{
    return (size_t)key % (LINK_ENTRIES / LINK_WAYS) * LINK_WAYS;
}

bool link_index_add(struct link_index *index, struct tracker *t, const struct message *m,
                    uint32_t key)
{
    struct link_entry *set = &index->entry[first_of(key)];
    bool kept = true;
    uint32_t last = 0;

    while (last < LINK_WAYS && (set[last].ref.serial != m->serial || set[last].key != key))
        last++;
    if (last == LINK_WAYS)
        kept = !tracker_deref(t, set[--last].ref);
    memmove(set + 1, set, last * sizeof(*set));
    set[0] = (struct link_entry){tracker_ref(m), key};
    return kept;
}

struct message *link_index_get(const struct link_index *index, struct tracker *t, uint32_t key,
                               int i)
{
    const struct link_entry *entry = &index->entry[first_of(key) + (size_t)i];

    return entry->key == key ? tracker_deref(t, entry->ref) : NULL;
}
