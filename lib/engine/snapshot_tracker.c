/* SPDX-License-Identifier: MIT */
/*
 * Messages keep their slots. The next message then gets the slot, and a full table evicts the
 * messages, that it would have without the restart.
 */
#include "engine/snapshot_tracker.h"

#include <stdlib.h>

#include "engine/snapshot_texts.h"
#include "engine/stages.h"
#include "track/tracker_slots.h"

enum {
    HAS_PARENT = 1,
    HAS_WHOLE = 2,
    HAS_CELL = 4,
    HAS_UID = 8,
    IS_NAMED = 16,
    IS_NEAR = 32,
    FLAGS_ALL = MESSAGE_FLAGS_END - 1,
    CHUNKS_MAX = 50000000 / CHUNK + 2, /* the largest [limits] messages */
    ENTRY_BYTES = 16,
    CHAIN_MAX = 256, /* messages in one chain: a walk up it takes a frame each */
};

/* --- messages --------------------------------------------------------------------------------- */

static void write_ref(struct writer *w, struct message_ref ref)
{
    write_u32(w, ref.slot);
    write_u32(w, ref.serial);
}

static struct message_ref read_ref(struct reader *r)
{
    struct message_ref ref = {.slot = read_u32(r)};

    ref.serial = read_u32(r);
    return ref;
}

static void write_recipients(struct writer *w, const struct message *m)
{
    const struct recipient *r = m->recipient_room ? m->recipients.many : &m->recipients.only;

    write_u16(w, m->recipient_count);
    for (uint16_t i = 0; i < m->recipient_count; i++) {
        write_text(w, r[i].text);
        write_u64(w, r[i].hash);
        write_u32(w, r[i].at_s);
        write_u8(w, r[i].class);
        write_u8(w, r[i].came_back);
        write_u8(w, r[i].status);
        write_u8(w, r[i].by_program);
        write_u8(w, r[i].flags);
        write_u8(w, (uint8_t)(r[i].cause | r[i].stays << 4));
        write_u8(w, r[i].door);
    }
}

/* Members that most messages lack are written only if they are set; `has` says which. */
static void write_message(struct writer *w, const struct message *m)
{
    uint8_t has = (uint8_t)((m->parent.slot || m->parent.serial ? HAS_PARENT : 0) |
                            (m->whole.slot || m->whole.serial ? HAS_WHOLE : 0) |
                            (m->cell || m->cell_serial ? HAS_CELL : 0) | (m->uid ? HAS_UID : 0) |
                            (m->is_named ? IS_NAMED : 0) | (m->is_near ? IS_NEAR : 0));

    write_id(w, m->id);
    write_u16(w, m->source);
    write_u32(w, m->flags);
    write_u16(w, (uint16_t)m->forwards);
    write_u8(w, m->state);
    write_u8(w, m->origin);
    write_u8(w, m->root);
    write_u8(w, m->cause);
    write_u8(w, has);
    write_text(w, m->client);
    write_text(w, m->who);
    write_text(w, m->sender);
    write_u32(w, m->serial);
    write_u32(w, m->begun_s);
    write_u32(w, m->last_s);
    write_u32(w, m->message_id_hash);
    write_u32(w, m->message_id_at);
    if (has & HAS_PARENT)
        write_ref(w, m->parent);
    if (has & HAS_WHOLE)
        write_ref(w, m->whole);
    if (has & HAS_CELL)
        write_ref(w, (struct message_ref){m->cell, m->cell_serial});
    if (has & HAS_UID)
        write_u32(w, m->uid);
    write_recipients(w, m);
}

/* The room must be what adding the recipients one by one would have made. */
static bool make_recipient_room(struct message *m, uint32_t count)
{
    uint32_t room = 4;

    if (count <= 1)
        return true;
    while (room < count)
        room *= 2;
    m->recipients.many = calloc(room, sizeof(*m->recipients.many));
    m->recipient_room = (uint16_t)(room < UINT16_MAX ? room : UINT16_MAX);
    if (!m->recipients.many)
        m->recipient_room = 0;
    return m->recipient_room != 0;
}

static void read_recipient(struct reader *r, struct recipient *recipient)
{
    recipient->text = read_text(r);
    recipient->hash = read_u64(r);
    recipient->at_s = read_u32(r);
    recipient->class =
        (uint8_t)read_below(r, read_u8(r), CLASS_COUNT, "a recipient has an unknown class");
    recipient->came_back =
        (uint8_t)read_below(r, read_u8(r), 2, "a recipient came back or it did not");
    recipient->status =
        (uint8_t)read_below(r, read_u8(r), STATUS_COUNT, "a recipient has an unknown status");
    recipient->by_program = read_u8(r) & 1;
    recipient->flags = read_u8(r);
    uint32_t cause = read_below(r, read_u8(r), 32, "a recipient has unknown marks");
    recipient->stays = cause >> 4 & 1;
    recipient->cause =
        (uint8_t)read_below(r, cause & 15, CAUSE_COUNT, "a recipient has an unknown cause");
    recipient->door = read_u8(r);
}

/* Recipients beyond the present bound are read, counted and dropped. */
static void read_recipients(struct reader *r, struct tracker *t, struct message *m)
{
    uint32_t count = read_u16(r), kept = count;

    if (kept > t->limits.recipients)
        kept = t->limits.recipients;
    if (count > r->rest.len / 22) {
        read_fail(r, "a message has fewer recipients than it should");
        return;
    }
    if (!make_recipient_room(m, kept)) {
        read_fail(r, SNAPSHOT_NO_MEMORY);
        return;
    }
    t->counters.recipients_over += count - kept;
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        struct recipient over = {0};
        struct recipient *one = i < kept ? &message_recipients(m)[m->recipient_count++] : &over;
        read_recipient(r, one);
        if (one == &over)
            intern_put(t->texts, over.text);
    }
}

static void read_message(struct reader *r, struct tracker *t, struct message *m)
{
    m->id = read_id(r);
    m->source = read_u16(r);
    if (!hosts_has_source(&r->p->hosts, m->source))
        read_fail(r, "a message has no host");
    m->flags = read_below(r, read_u32(r), FLAGS_ALL + 1, "a message has unknown flags");
    m->forwards =
        read_below(r, read_u16(r), MESSAGE_FORWARDS_MAX + 1, "a message has too many forwards");
    m->state =
        (uint8_t)read_below(r, read_u8(r), MESSAGE_STATE_COUNT, "a message has an unknown state");
    m->origin = (uint8_t)read_below(r, read_u8(r), ORIGIN_COUNT, "a message has an unknown origin");
    m->root = (uint8_t)read_below(r, read_u8(r), ORIGIN_COUNT, "a message has an unknown origin");
    m->cause = (uint8_t)read_below(r, read_u8(r), CAUSE_COUNT, "a notice has an unknown cause");
    uint8_t has = read_u8(r);
    m->is_named = (has & IS_NAMED) != 0;
    m->is_near = (has & IS_NEAR) != 0;
    m->client = read_text(r);
    m->who = read_text(r);
    m->sender = read_text(r);
    m->serial = read_u32(r);
    m->begun_s = read_u32(r);
    m->last_s = read_u32(r);
    m->message_id_hash = read_u32(r);
    m->message_id_at = read_u32(r);
    if (has & HAS_PARENT)
        m->parent = read_ref(r);
    if (has & HAS_WHOLE)
        m->whole = read_ref(r);
    struct message_ref cell = has & HAS_CELL ? read_ref(r) : (struct message_ref){0, 0};
    m->cell = cell.slot;
    m->cell_serial = cell.serial;
    if (has & HAS_UID)
        m->uid = read_u32(r);
    read_recipients(r, t, m);
    if (!queue_id_is_set(m->id) || m->message_id_at % IDS_BYTES > IDS_BYTES - 5)
        read_fail(r, "a message has no queue ID");
}

/* --- chunks ----------------------------------------------------------------------------------- */

static void write_chunk(struct writer *w, const struct message_chunk *chunk)
{
    write_u8(w, chunk != NULL);
    if (!chunk)
        return;
    for (uint32_t i = 0; i < CHUNK_WORDS; i++)
        write_u64(w, chunk->live[i]);
    for (uint32_t i = 0; i < CHUNK_WORDS; i++) {
        write_u32(w, chunk->live[i] ? chunk->due_s[i] : 0);
        write_u32(w, chunk->live[i] ? chunk->place[i] : 0);
    }
    for (uint32_t i = 0; i < CHUNK; i++)
        if (chunk->live[i / 64] >> (i % 64) & 1)
            write_message(w, &chunk->message[i]);
}

/* Gives the word to the host of its first message. False if it is of another host than this one. */
static bool place_word(struct tracker *t, uint32_t number, uint32_t w, const struct message *m,
                       const uint32_t *place)
{
    struct message_chunk *chunk = t->chunk[number];
    uint32_t word = number * CHUNK_WORDS + w;
    uint16_t host = hosts_host(m->source);

    if (!tracker_slots_reserve(t, host))
        return false;
    if (!(chunk->words >> w & 1))
        return tracker_slots_place(t, host, word, place[w]);
    return place[w] < t->host[host].words && t->host[host].word[place[w]] == (int32_t)word;
}

/* Reads into a chunk that exists. A message is marked live before its first field is read, so that
 * tracker_done releases it even if reading fails. */
static bool read_chunk(struct reader *r, struct tracker *t, uint32_t number)
{
    struct message_chunk *chunk = t->chunk[number];
    uint64_t live[CHUNK_WORDS];
    uint32_t place[CHUNK_WORDS];

    for (uint32_t i = 0; i < CHUNK_WORDS; i++)
        live[i] = read_u64(r);
    for (uint32_t i = 0; i < CHUNK_WORDS; i++) {
        chunk->due_s[i] = read_u32(r);
        place[i] = read_u32(r);
    }
    if (number == 0 && live[0] & 1)
        return read_fail(r, "a message is in the slot that stands for none");
    for (uint32_t i = 0; i < CHUNK && !r->failed; i++) {
        if (!(live[i / 64] >> (i % 64) & 1))
            continue;
        struct message *m = &chunk->message[i];
        memset(m, 0, sizeof(*m));
        m->slot = number * CHUNK + i;
        chunk->live[i / 64] |= (uint64_t)1 << i % 64;
        t->count++;
        read_message(r, t, m);
        t->texts->bytes +=
            tracker_fixed_bytes(m); /* whatever was read: tracker_done takes it off again */
        t->gone += m->state == MESSAGE_GONE;
        if (!r->failed && !place_word(t, number, i / 64, m, place))
            return read_fail(r, "a message is in another host's part of the table");
    }
    return !r->failed && (chunk->words || read_fail(r, "a part of the table is empty"));
}

static bool read_chunks(struct reader *r, struct tracker *t)
{
    uint32_t count = read_below(r, read_count(r, 1), CHUNKS_MAX + 1, "it has too many messages");

    while (t->chunk_count < count && !r->failed) {
        bool there = read_u8(r) != 0;
        if (!tracker_add_chunk(t, there))
            return read_fail(r, SNAPSHOT_NO_MEMORY);
        if (there && !read_chunk(r, t, t->chunk_count - 1))
            return false;
    }
    return !r->failed;
}

/* --- lists, message-ids ----------------------------------------------------------------------- */

static void write_fifo(struct writer *w, const struct fifo *f)
{
    write_u32(w, f->count);
    for (uint32_t i = 0; i < f->count; i++) {
        const struct fifo_entry *entry = &f->entry[(f->head + i) & (f->room - 1)];
        write_ref(w, entry->ref);
        write_u32(w, entry->due_s);
        write_u32(w, entry->nrcpt);
    }
}

static bool read_fifo(struct reader *r, struct fifo *f)
{
    uint32_t count = read_count(r, ENTRY_BYTES), room = 8;

    if (!count)
        return !r->failed;
    while (room < count)
        room *= 2;
    struct fifo_entry *entry = calloc(room, sizeof(*entry));
    if (!entry)
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    for (uint32_t i = 0; i < count; i++) {
        entry[i].ref = read_ref(r);
        entry[i].due_s = read_u32(r);
        entry[i].nrcpt = read_u32(r);
    }
    *f = (struct fifo){.entry = entry, .room = room, .count = count};
    return !r->failed;
}

/* There may be room for more hosts than there are, in powers of two. */
static bool read_lists(struct reader *r, struct tracker *t)
{
    uint32_t count =
        read_below(r, read_u32(r), 2u * t->hosts->host_count + 1, "it has lists of no host");

    if (r->failed || (count && !tracker_slots_reserve(t, (uint16_t)(count - 1))))
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    for (uint32_t i = 0; i < count && !r->failed; i++)
        if (!read_fifo(r, &t->host[i].waiting) || !read_fifo(r, &t->host[i].finished) ||
            !read_fifo(r, &t->host[i].brief) || !read_fifo(r, &t->host[i].expected))
            return false;
    return !r->failed;
}

/* Bytes of the ring that have been written. */
static uint32_t ids_used(uint64_t ids_at)
{
    return ids_at < IDS_BYTES ? (uint32_t)ids_at : IDS_BYTES;
}

static bool read_ids(struct reader *r, struct tracker *t)
{
    t->ids_at = read_u64(r);
    uint32_t used = ids_used(t->ids_at);
    const char *ids = read_bytes(r, used);

    if (ids)
        memcpy(t->ids, ids, used);
    return ids != NULL;
}

/* No log makes a ring of parents, or a chain of hundreds. A damaged file may, and walking up a ring
 * would never end. So rings are cut, and long chains are split. `steps` has each slot's distance
 * from the end of its chain, 0 if it was not visited yet. */
static void cut_chain(struct tracker *t, struct message *m, uint16_t *steps)
{
    struct message *chain[CHAIN_MAX + 1];
    uint32_t n = 0;

    if (steps[m->slot])
        return;
    while (m && !steps[m->slot] && n <= CHAIN_MAX) {
        steps[m->slot] = CHAIN_MAX + 1; /* on this walk: meeting it again means a ring */
        chain[n++] = m;
        m = tracker_deref(t, m->parent);
    }
    uint32_t length = m ? steps[m->slot] : 0;
    if (m && (!length || length >= CHAIN_MAX)) {
        chain[n - 1]->parent = (struct message_ref){0, 0};
        length = 0;
    }
    while (n) {
        if (length == CHAIN_MAX) {
            chain[n - 1]->parent = (struct message_ref){0, 0};
            length = 0;
        }
        steps[chain[--n]->slot] = (uint16_t)++length;
    }
}

static bool cut_chains(struct reader *r, struct tracker *t)
{
    uint32_t slots = t->chunk_count * CHUNK;
    uint16_t *steps = calloc((size_t)slots + 1, sizeof(*steps));

    if (!steps)
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    for (uint32_t slot = 1; slot < slots; slot++)
        if (tracker_is_live(t, slot))
            cut_chain(t, tracker_at(t, slot), steps);
    free(steps);
    return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

void write_tracker(struct writer *w, const struct tracker *t)
{
    write_u64(w, t->counters.evicted);
    write_u64(w, t->counters.evicted_for_bytes);
    write_u64(w, t->counters.expired);
    write_u64(w, t->counters.finished_early);
    write_u64(w, t->counters.recipients_over);
    write_u32(w, t->serial);
    write_u32(w, t->hand);
    write_u32(w, t->limits.age_s);
    write_u32(w, t->limits.unqueued_s);
    write_u32(w, t->chunk_count);
    for (uint32_t i = 0; i < t->chunk_count; i++)
        write_chunk(w, t->chunk[i]);
    write_u32(w, t->host_room);
    for (uint32_t i = 0; i < t->host_room; i++) {
        write_fifo(w, &t->host[i].waiting);
        write_fifo(w, &t->host[i].finished);
        write_fifo(w, &t->host[i].brief);
        write_fifo(w, &t->host[i].expected);
    }
    write_u64(w, t->ids_at);
    write_bytes(w, t->ids, ids_used(t->ids_at));
}

bool read_tracker(struct reader *r, struct tracker *t)
{
    t->counters.evicted = read_u64(r);
    t->counters.evicted_for_bytes = read_u64(r);
    t->counters.expired = read_u64(r);
    t->counters.finished_early = read_u64(r);
    t->counters.recipients_over = read_u64(r);
    t->serial = read_u32(r);
    t->hand = read_u32(r);
    uint32_t age_s = read_u32(r), unqueued_s = read_u32(r);
    if (!read_chunks(r, t) || !read_lists(r, t) || !read_ids(r, t) || !cut_chains(r, t))
        return false;
    if (age_s != t->limits.age_s || unqueued_s != t->limits.unqueued_s)
        tracker_look_at_all(t); /* the due_s that were read hold for other ages */
    return tracker_index_all(t) || read_fail(r, SNAPSHOT_NO_MEMORY);
}
