/* SPDX-License-Identifier: MIT */
#include "track/link_index.h"

#include <stdlib.h>

bool link_index_init(struct link_index *index, uint32_t entries)
{
    *index = (struct link_index){.entry = calloc(entries, sizeof(*index->entry)),
                                 .chain = calloc(entries, sizeof(*index->chain)),
                                 .mask = entries - 1,
                                 .full_at = entries};
    if (index->entry && index->chain)
        return true;
    link_index_done(index);
    return false;
}

void link_index_done(struct link_index *index)
{
    free(index->entry);
    free(index->chain);
    *index = (struct link_index){0};
}

/* At the position that is the latest from now on. */
static inline void put(struct link_index *index, uint32_t position, struct message_ref ref,
                       uint64_t key, uint32_t note)
{
    struct link_chain *chain = &index->chain[key & index->mask];
    uint32_t before = chain->newest;

    index->count = position;
    uint32_t seen = link_index_is_there(index, before) ? chain->seen : 0;
    *link_index_entry(index, position) = (struct link_entry){ref, key, before, note};
    *chain = (struct link_chain){position, seen | link_key_bit(key)};
}

static inline uint32_t next(uint32_t position)
{
    return position + 1 ? position + 1 : 1; /* 0 stands for none */
}

void link_index_append(struct link_index *index, struct message_ref ref, uint64_t key,
                       uint32_t note)
{
    put(index, next(index->count), ref, key, note);
}

static void skip(struct link_index *index, uint32_t position, uint64_t key)
{
    index->count = position;
    *link_index_entry(index, position) =
        (struct link_entry){.key = key, .before = index->chain[key & index->mask].newest};
}

void link_index_skip(struct link_index *index, uint64_t key)
{
    skip(index, next(index->count), key);
}

/* --- growing ---------------------------------------------------------------------------------- */

static uint64_t bytes_of(uint32_t entries)
{
    return (uint64_t)entries * (sizeof(struct link_entry) + sizeof(struct link_chain));
}

/* A link for each message, in a quarter of their memory. */
static bool may_have(const struct tracker_limits *limits, uint32_t entries)
{
    return entries <= LINK_ENTRIES ||
           (entries / 2 < limits->messages && bytes_of(entries) <= limits->bytes / 4);
}

/* Positions stay, so that who stands at one can still go on. */
static void copy(struct link_index *to, const struct link_index *from)
{
    uint32_t n = to->mask < from->mask ? to->mask : from->mask;

    for (n++; n--;) {
        uint32_t position = from->count - n;
        const struct link_entry *entry = link_index_entry(from, position);
        if (position && entry->ref.slot)
            put(to, position, entry->ref, entry->key, entry->note);
        else if (position)
            skip(to, position, entry->key);
    }
    to->count = from->count;
    to->now_s = from->now_s;
    to->since_s = from->since_s;
    to->full_at = from->full_at;
    to->tight = from->tight;
}

bool link_index_resize(struct link_index *index, struct tracker *t, uint32_t entries)
{
    struct link_index other;

    if (!may_have(&t->limits, entries) || !link_index_init(&other, entries))
        return false;
    copy(&other, index);
    t->link_bytes += bytes_of(entries) - bytes_of(index->mask + 1);
    t->texts->bytes += bytes_of(entries) - bytes_of(index->mask + 1);
    link_index_done(index);
    *index = other;
    return true;
}

void link_index_fit(struct link_index *index, struct tracker *t,
                    const struct tracker_limits *limits)
{
    uint32_t entries = index->mask + 1;

    while (!may_have(limits, entries))
        entries /= 2;
    if (entries <= index->mask && link_index_resize(index, t, entries))
        index->full_at = next(index->count + entries - 1);
}

/* All entries are in use. If that took less than LINK_KEPT_S, they may still be needed: there will
 * be twice as many, if there can be. */
__attribute__((noinline)) static void turn_round(struct link_index *index, struct tracker *t)
{
    uint32_t entries = index->mask + 1;
    bool needed = index->now_s && index->now_s < index->since_s + (uint64_t)LINK_KEPT_S;

    index->tight = needed && !link_index_resize(index, t, 2 * entries);
    index->full_at = next(index->count + entries - 1);
    index->since_s = index->now_s;
}

/* --- adding ----------------------------------------------------------------------------------- */

/* Takes the message's own entry out of the chain if the key has one already, else the oldest of a
 * key that has LINK_WAYS. Chains so stay short however often one key is added. True if the other
 * message still exists. */
__attribute__((noinline)) static bool make_room(struct link_index *index, struct tracker *t,
                                                struct message_ref own, uint64_t key)
{
    uint32_t *link = &index->chain[key & index->mask].newest;
    int ways = 0;

    while (link_index_is_there(index, *link)) {
        struct link_entry *entry = link_index_entry(index, *link);
        if (entry->key == key && (entry->ref.serial == own.serial || ++ways == LINK_WAYS)) {
            struct message_ref ref = entry->ref;
            *link = entry->before;
            entry->ref = (struct message_ref){0, 0}; /* whoever stands here can still go on */
            return ref.slot && ref.serial != own.serial && tracker_deref(t, ref);
        }
        link = &entry->before;
    }
    return false;
}

bool link_index_add(struct link_index *index, struct tracker *t, struct message_ref ref,
                    uint64_t key)
{
    bool lost = false;

    if (index->chain[key & index->mask].seen & link_key_bit(key))
        lost = make_room(index, t, ref, key);
    if (index->count == index->full_at)
        turn_round(index, t);
    if (index->tight)
        lost |= tracker_deref(t, link_index_entry(index, index->count + 1)->ref) != NULL;
    link_index_append(index, ref, key, 0);
    return !lost;
}

struct message *link_index_take(const struct link_index *index, struct tracker *t, uint64_t key,
                                uint32_t *at)
{
    const struct link_entry *entry = link_index_entry(index, *at);
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
    link_index_entry(index, position)->ref = (struct message_ref){0, 0};
}
