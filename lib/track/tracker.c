/* SPDX-License-Identifier: MIT */
#include "track/tracker.h"

#include <stdlib.h>

#include "track/tracker_slots.h"

enum {
    INDEX_MIN = 1024,
    EVICTION_SAMPLE = 16, /* how many are looked at to find the one silent longest */
};

bool tracker_init(struct tracker *t, const struct tracker_limits *limits, struct interns *texts,
                  struct hosts *hosts, uint64_t seed)
{
    *t = (struct tracker){
        .hosts = hosts, .limits = *limits, .texts = texts, .seed = seed, .serial = 1};
    t->index_size = INDEX_MIN;
    t->index = calloc(t->index_size, sizeof(*t->index));
    t->ids = calloc(1, IDS_BYTES);
    if (t->index && t->ids)
        return true;
    tracker_done(t);
    return false;
}

static void release_texts(struct tracker *t, struct message *m)
{
    struct recipient *r = message_recipients(m);

    t->texts->bytes -= tracker_fixed_bytes(m);

    for (uint16_t i = 0; i < m->recipient_count; i++)
        intern_put(t->texts, r[i].text);
    if (m->recipient_room)
        free(m->recipients.many);
    intern_put(t->texts, m->client);
    intern_put(t->texts, m->who);
    intern_put(t->texts, m->sender);
}

static void release_visit(void *ctx, struct message *m)
{
    release_texts(ctx, m);
}

void tracker_done(struct tracker *t)
{
    tracker_each(t, release_visit, t);
    tracker_slots_done(t);
    free(t->index);
    free(t->ids);
    *t = (struct tracker){0};
}

/* Slot 0 is never given out, so that 0 can stand for none, in the index too. */
static uint32_t index_slot(uint64_t entry)
{
    return (uint32_t)entry;
}

void tracker_prefetch_index(const struct tracker *t, uint32_t hash)
{
    __builtin_prefetch(&t->index[hash & (t->index_size - 1)]);
}

const struct message *tracker_peek(const struct tracker *t, uint32_t hash)
{
    uint32_t mask = t->index_size - 1;

    for (uint32_t at = hash & mask; t->index[at]; at = (at + 1) & mask)
        if (t->index[at] >> 32 == hash)
            return tracker_at(t, index_slot(t->index[at]));
    return NULL;
}

void tracker_prefetch_message(const struct tracker *t, uint32_t hash)
{
    const char *line = (const char *)tracker_peek(t, hash);

    if (!line)
        return;
    /* A message is two cache lines. The caller is about to change both. */
    __builtin_prefetch(line, 1);
    __builtin_prefetch(line + 64, 1);
}

struct message *tracker_find(struct tracker *t, uint16_t source, struct queue_id id)
{
    uint32_t hash = tracker_hash(t, source, id);
    uint32_t mask = t->index_size - 1;
    struct message *other = NULL;

    for (uint32_t at = hash & mask; t->index[at]; at = (at + 1) & mask) {
        /* The entry holds the whole hash, so other messages are skipped without a look at them. */
        if (t->index[at] >> 32 != hash)
            continue;
        struct message *m = tracker_at(t, index_slot(t->index[at]));
        if (!queue_id_equal(m->id, id))
            continue;
        if (m->source == source)
            return m;
        /* The source itself comes first. Another instance counts only if the source has no such
         * message. */
        if (!other && hosts_may_share_queue(t->hosts, m->source, source))
            other = m;
    }
    return other;
}

struct message *tracker_find_all(struct tracker *t, uint16_t source, struct queue_id id,
                                 uint32_t *at)
{
    uint32_t hash = tracker_hash(t, source, id), mask = t->index_size - 1;
    uint64_t entry;

    while ((entry = t->index[(hash + *at) & mask]) != 0) {
        ++*at;
        struct message *m = tracker_at(t, index_slot(entry));
        if (entry >> 32 == hash && queue_id_equal(m->id, id) &&
            hosts_host(m->source) == hosts_host(source))
            return m;
    }
    return NULL;
}

/* Needs no messages: each entry has the whole hash. */
static bool resize_index(struct tracker *t, uint32_t size)
{
    uint64_t *index = calloc(size, sizeof(*index));

    if (!index)
        return false;
    for (uint32_t i = 0; i < t->index_size; i++) {
        if (!t->index[i])
            continue;
        uint32_t at = (uint32_t)(t->index[i] >> 32) & (size - 1);
        while (index[at])
            at = (at + 1) & (size - 1);
        index[at] = t->index[i];
    }
    free(t->index);
    t->index = index;
    t->index_size = size;
    return true;
}

static void index_add(struct tracker *t, uint32_t hash, uint32_t slot)
{
    uint32_t mask = t->index_size - 1, at = hash & mask;

    while (t->index[at])
        at = (at + 1) & mask;
    t->index[at] = (uint64_t)hash << 32 | slot;
}

static void index_remove(struct tracker *t, uint32_t hash, uint32_t slot)
{
    uint32_t mask = t->index_size - 1, gap = hash & mask;

    /* This ends: every live message is in the index. */
    while (index_slot(t->index[gap]) != slot)
        gap = (gap + 1) & mask;
    /* Whatever was pushed past the gap moves back into it. */
    for (uint32_t at = (gap + 1) & mask; t->index[at]; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)(t->index[at] >> 32);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            t->index[gap] = t->index[at];
            gap = at;
        }
    }
    t->index[gap] = 0;
}

struct message *tracker_deref(struct tracker *t, struct message_ref ref)
{
    /* Slots are used again. The serial tells whether it is still the same message. */
    if (!ref.slot || !tracker_is_live(t, ref.slot))
        return NULL;
    struct message *m = tracker_at(t, ref.slot);
    return m->serial == ref.serial ? m : NULL;
}

uint32_t tracker_next_live(struct tracker *t)
{
    uint32_t slots = t->chunk_count * CHUNK;

    for (uint32_t looked = 0; looked <= slots; looked++, t->hand++) {
        if (t->hand >= slots)
            t->hand = 1;
        if (!t->chunk[t->hand / CHUNK]) {
            /* Skips a chunk that is gone; the loop itself takes the last of these steps. */
            looked += CHUNK - t->hand % CHUNK - 1;
            t->hand += CHUNK - t->hand % CHUNK - 1;
        } else if (tracker_is_live(t, t->hand)) {
            return t->hand++;
        }
    }
    return 0;
}

/* A full list of "who was silent longest" would cost three cache misses a line; looking at a few
 * and taking the worst is as good against a flood, whose messages all look alike. */
void tracker_evict(struct tracker *t)
{
    struct message *worst = NULL;

    for (int i = 0; i < EVICTION_SAMPLE; i++) {
        uint32_t slot = tracker_next_live(t);
        if (!slot)
            break;
        struct message *m = tracker_at(t, slot);
        if (!worst || tracker_silence(t, m) > tracker_silence(t, worst))
            worst = m;
    }
    if (worst) {
        t->counters.evicted++;
        tracker_forget(t, worst);
    }
}

struct message *tracker_add(struct tracker *t, uint16_t source, struct queue_id id, uint32_t now_s)
{
    if (t->count >= t->limits.messages)
        tracker_evict(t);
    /* Without memory for a larger index, fill the old one. But one slot stays free: that is
     * where a search ends. */
    if (t->count >= t->index_size / 2 && !resize_index(t, t->index_size * 2) &&
        t->count >= t->index_size - 1)
        return NULL;
    uint32_t slot = tracker_slots_take(t, hosts_host(source));
    if (!slot)
        return NULL;
    struct message *m = tracker_at(t, slot);
    memset(m, 0, sizeof(*m));
    m->id = id;
    m->source = source;
    m->slot = slot;
    m->serial = t->serial++;
    m->begun_s = m->last_s = now_s;
    /* A message that never gets into the queue is forgotten after unqueued_s, so look by then. */
    uint32_t *due_s = &t->chunk[slot / CHUNK]->due_s[slot % CHUNK / 64];
    if (*due_s > now_s + t->limits.unqueued_s)
        *due_s = now_s + t->limits.unqueued_s;
    index_add(t, tracker_hash(t, source, id), slot);
    t->count++;
    t->texts->bytes += tracker_fixed_bytes(m);
    return m;
}

void tracker_forget(struct tracker *t, struct message *m)
{
    uint32_t slot = m->slot;

    if (t->forgotten)
        t->forgotten(t->ctx, m);
    if (m->state == MESSAGE_GONE)
        t->gone--;
    index_remove(t, tracker_hash(t, m->source, m->id), slot);
    release_texts(t, m);
    tracker_slots_give(t, slot, hosts_host(m->source));
    t->count--;
    /* Shrinks to less than a quarter full, lest a steady count near a bound resize it again and
     * again. */
    if (t->index_size > INDEX_MIN && t->count < t->index_size / 16)
        resize_index(t, t->index_size / 4 < INDEX_MIN ? INDEX_MIN : t->index_size / 4);
}

struct recipient *tracker_recipient(struct message *m, uint64_t hash)
{
    struct recipient *r = message_recipients(m);

    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (r[i].hash == hash)
            return &r[i];
    return NULL;
}

static bool grow_recipients(struct tracker *t, struct message *m)
{
    uint32_t room = m->recipient_room ? m->recipient_room * 2u : 4;
    struct recipient *many = NULL;

    if (room > UINT16_MAX)
        room = UINT16_MAX;
    if (m->recipient_room < UINT16_MAX)
        many = realloc(m->recipient_room ? m->recipients.many : NULL, room * sizeof(*many));
    if (!many)
        return false;
    if (!m->recipient_room)
        /* The first one was in the message itself. */
        many[0] = m->recipients.only;
    t->texts->bytes += (room - m->recipient_room) * sizeof(*many);
    m->recipients.many = many;
    m->recipient_room = (uint16_t)room;
    return true;
}

struct recipient *tracker_add_recipient(struct tracker *t, struct message *m, uint64_t hash)
{
    uint16_t room = m->recipient_room ? m->recipient_room : 1;

    if (m->recipient_count >= t->limits.recipients ||
        (m->recipient_count == room && !grow_recipients(t, m))) {
        t->counters.recipients_over++;
        return NULL;
    }
    struct recipient *r = &message_recipients(m)[m->recipient_count++];
    *r = (struct recipient){.hash = hash};
    return r;
}

bool tracker_walk(const struct tracker *t, uint32_t *cursor, uint32_t slots, tracker_visit *visit,
                  void *ctx)
{
    uint32_t end = t->chunk_count * CHUNK;
    /* In 64 bits, because `slots` may be UINT32_MAX. */
    uint32_t to = *cursor + (uint64_t)slots < end ? *cursor + slots : end;

    for (; *cursor < to; ++*cursor)
        if (*cursor && tracker_is_live(t, *cursor))
            visit(ctx, tracker_at(t, *cursor));
    return *cursor < end;
}

void tracker_each(const struct tracker *t, tracker_visit *visit, void *ctx)
{
    uint32_t cursor = 0;

    tracker_walk(t, &cursor, UINT32_MAX, visit, ctx);
}

/* --- for the snapshot, and for smaller limits ------------------------------------------------- */

bool tracker_index_all(struct tracker *t)
{
    uint32_t size = INDEX_MIN;

    /* At most half full, as tracker_add keeps it. */
    while (size / 2 < t->count)
        size *= 2;
    uint64_t *index = calloc(size, sizeof(*index));
    if (!index)
        return false;
    free(t->index);
    t->index = index;
    t->index_size = size;
    for (uint32_t slot = 1; slot < t->chunk_count * CHUNK; slot++)
        if (tracker_is_live(t, slot)) {
            const struct message *m = tracker_at(t, slot);
            index_add(t, tracker_hash(t, m->source, m->id), slot);
        }
    return true;
}
