/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds messages that may belong together by a key that they share: a message-id, a
 *               sender and recipient, a parent.
 * Doesn't know: what the key is made of, or whether the messages really belong together.
 * Owns:         its tables, until link_index_done; references to messages, which may be forgotten
 *               meanwhile.
 * Time:         seconds, set by the caller; the newest come first.
 * Fails:        at the bound the oldest entry of all is dropped, and of a key with LINK_WAYS
 *               entries its oldest. link_index_add returns false if that message still existed; of
 *               the oldest of all, only where it is younger than LINK_KEPT_S.
 *
 * The entries are a ring in the order in which they came, chained by key from the newest to the
 * oldest. Which one is dropped so depends on what was added, never on hashes. Nothing is unchained
 * when the ring overwrites it: a position so far back is known to be gone.
 */
#ifndef RELAYWATCH_TRACK_LINK_INDEX_H
#define RELAYWATCH_TRACK_LINK_INDEX_H

#include "track/tracker.h"

/* Entries, and as many chains: enough for half an hour of a busy server's mail. A fleet makes
 * thousands a second, and one host's lines come minutes after another's: what was added less than
 * LINK_KEPT_S ago is not dropped, as long as there may be more entries. */
enum { LINK_WAYS = 4, LINK_ENTRIES = 65536 /* a power of two */, LINK_KEPT_S = 600 };

struct link_entry {
    struct message_ref ref; /* slot 0: none */
    uint64_t key;           /* nothing else is compared where the message is gone (hash.h) */
    uint32_t before;        /* position of the next older one in the chain; 0: none */
    uint32_t note;          /* the caller's */
};

/* Most keys that are looked for are in no chain: `seen` tells that without a look at the entries.
 * It has a bit (link_key_bit) for each key that was added since the chain was last empty. */
struct link_chain {
    uint32_t newest; /* a position */
    uint32_t seen;
};

struct link_index {
    struct link_entry *entry;
    struct link_chain *chain; /* by the low bits of the key */
    uint32_t mask;            /* entries, a power of two, less one */
    uint32_t count;           /* the position of the latest; position 1 came first */
    uint32_t now_s;           /* 0: the index doesn't grow */
    uint32_t since_s;         /* when the entries began to be used ... */
    uint32_t full_at;         /* ... the last of which is at that position */
    bool tight;               /* at the bound, entries are dropped before LINK_KEPT_S are over */
};

/* entries is a power of two. False when memory is short. */
bool link_index_init(struct link_index *index, uint32_t entries);
void link_index_done(struct link_index *index);
/* Makes it that many entries, a power of two. What it takes more than LINK_ENTRIES counts with the
 * messages (tracker_limits.bytes). False beyond what the tracker's limits allow, and when memory is
 * short. */
bool link_index_resize(struct link_index *index, struct tracker *t, uint32_t entries);
/* The tracker will have these limits: drops the oldest entries beyond smaller ones. */
void link_index_fit(struct link_index *index, struct tracker *t,
                    const struct tracker_limits *limits);

/* The index grows by that clock; 0: it doesn't. */
static inline void link_index_set_now(struct link_index *index, uint32_t now_s)
{
    index->now_s = now_s;
    index->since_s = index->since_s ? index->since_s : now_s;
}
/* False if another message, which still exists, can no longer be found. */
bool link_index_add(struct link_index *index, struct tracker *t, struct message_ref ref,
                    uint64_t key);
/* The message of the entry at *at, NULL if it is gone; moves *at on to the next older entry of that
 * key. What is added meanwhile does no harm.
 *
 *     for (uint32_t at = link_index_first(&index, key); at;) {
 *         struct message *m = link_index_take(&index, tracker, key, &at);
 */
struct message *link_index_take(const struct link_index *index, struct tracker *t, uint64_t key,
                                uint32_t *at);

/* The position of the newest entry of that key whose message is gone; 0 if there is none. */
uint32_t link_index_gone(const struct link_index *index, struct tracker *t, uint64_t key);
/* Drops the entry at that position. */
void link_index_drop(struct link_index *index, uint32_t position);

/* Positions wrap around, long after an entry is gone. */
static inline bool link_index_is_there(const struct link_index *index, uint32_t position)
{
    return position && index->count - position <= index->mask;
}

/* The position, or of an older entry in its chain, that has the key; 0 if there is none. */
static inline uint32_t link_index_from(const struct link_index *index, uint64_t key,
                                       uint32_t position)
{
    while (link_index_is_there(index, position)) {
        const struct link_entry *entry = &index->entry[position & index->mask];
        if (entry->key == key && entry->ref.slot)
            return position;
        position = entry->before;
    }
    return 0;
}

/* The entry at a position that is there. */
static inline struct link_entry *link_index_entry(const struct link_index *index, uint32_t position)
{
    return &index->entry[position & index->mask];
}

static inline uint32_t link_key_bit(uint64_t key)
{
    return UINT32_C(1) << (key >> 32) % 32;
}

/* Prefetch what link_index_first will read: the chain, and a little later its newest entry. */
static inline void link_index_prefetch(const struct link_index *index, uint64_t key)
{
    __builtin_prefetch(&index->chain[key & index->mask], 1);
}
static inline void link_index_prefetch_entry(const struct link_index *index, uint64_t key)
{
    const struct link_chain *chain = &index->chain[key & index->mask];

    if (chain->seen & link_key_bit(key))
        __builtin_prefetch(&index->entry[chain->newest & index->mask]);
}

/* The newest entry of that key; 0 if there is none. */
static inline uint32_t link_index_first(const struct link_index *index, uint64_t key)
{
    const struct link_chain *chain = &index->chain[key & index->mask];

    return chain->seen & link_key_bit(key) ? link_index_from(index, key, chain->newest) : 0;
}

/* Appends an entry, whatever others of that key there are. */
void link_index_append(struct link_index *index, struct message_ref ref, uint64_t key,
                       uint32_t note);
/* For the snapshot: the same of one that is gone, but that somebody may still stand at. */
void link_index_skip(struct link_index *index, uint64_t key);

#endif
