/* SPDX-License-Identifier: MIT */
#include "track/tracker_lists.h"

#include <stdlib.h>

enum {
    BRIEF_SHARE = 8,    /* finished messages without children get 1/8 of limits.finished */
    SWEEP_MINUTES = 10, /* a sweep of the whole table takes this many minutes */
};

/* Doubles the ring when it is full, with its entries in order from 0. */
static bool fifo_push(struct fifo *f, struct fifo_entry entry)
{
    if (f->count == f->room) {
        /* A power of two, so that a mask wraps it. */
        uint32_t room = f->room ? f->room * 2 : 64;
        struct fifo_entry *grown = malloc(room * sizeof(*grown));
        if (!grown)
            return false;
        for (uint32_t i = 0; i < f->count; i++)
            grown[i] = f->entry[(f->head + i) & (f->room - 1)];
        free(f->entry);
        *f = (struct fifo){.entry = grown, .room = room, .count = f->count};
    }
    f->entry[(f->head + f->count++) & (f->room - 1)] = entry;
    return true;
}

static struct fifo_entry fifo_pop(struct fifo *f)
{
    struct fifo_entry entry = f->entry[f->head];

    f->head = (f->head + 1) & (f->room - 1);
    if (--f->count == 0 && f->room > 4096) { /* free what a flood needed */
        free(f->entry);
        *f = (struct fifo){0};
    }
    return entry;
}

void tracker_wait(struct tracker *t, struct message *m, uint32_t now_s)
{
    if (message_has(m, MESSAGE_WAITING))
        return;
    if (fifo_push(&t->waiting, (struct fifo_entry){tracker_ref(m), now_s + t->limits.grace_s}))
        m->flags |= MESSAGE_WAITING;
}

/* A message listed a while ago is in no cache any more. Prefetch the ones that come off in a few
 * turns: first the message, later its texts. */
static void prefetch_ahead(const struct tracker *t, const struct fifo *f)
{
    if (f->count < 16)
        return;
    uint32_t far = f->entry[(f->head + 8) & (f->room - 1)].ref.slot;
    uint32_t near = f->entry[(f->head + 4) & (f->room - 1)].ref.slot;
    if (tracker_is_live(t, far)) {
        const char *line = (const char *)tracker_at(t, far);
        __builtin_prefetch(line, 1);
        __builtin_prefetch(line + 64, 1);
    }
    if (tracker_is_live(t, near)) {
        __builtin_prefetch(tracker_at(t, near)->client, 1);
        __builtin_prefetch(tracker_at(t, near)->sender, 1);
    }
}

struct message *tracker_waited(struct tracker *t, uint32_t now_s)
{
    while (t->waiting.count &&
           (t->waiting.entry[t->waiting.head].due_s <= now_s || now_s == UINT32_MAX)) {
        prefetch_ahead(t, &t->waiting);
        struct message *m = tracker_deref(t, fifo_pop(&t->waiting).ref);
        /* It was forgotten while it waited, to make room for others. */
        if (!m)
            continue;
        m->flags &= (uint32_t)~MESSAGE_WAITING;
        return m;
    }
    return NULL;
}

uint32_t tracker_next_waited(const struct tracker *t)
{
    return t->waiting.count ? t->waiting.entry[t->waiting.head].due_s : UINT32_MAX;
}

/* A message that still waits stays until its wait is over; lifecycle.c forgets it then. */
static void drop_oldest(struct tracker *t, struct fifo *f)
{
    struct message *m = tracker_deref(t, fifo_pop(f).ref);

    if (!m)
        return;
    m->flags &= (uint32_t)~MESSAGE_FINISHED;
    if (!message_has(m, MESSAGE_WAITING))
        tracker_forget(t, m);
}

void tracker_finish(struct tracker *t, struct message *m, uint32_t now_s)
{
    m->state = MESSAGE_GONE;
    t->gone++;
    /* Most finished messages are never needed again. Only parents are looked up later (whose mail
     * was it, was it counted), so only they are kept for longer. */
    struct fifo *f = message_has(m, MESSAGE_PARENT) ? &t->finished : &t->brief;
    uint32_t max = f == &t->finished ? t->limits.finished : t->limits.finished / BRIEF_SHARE;
    /* Without memory for the entry, the sweep forgets the message when it is old. */
    if (fifo_push(f, (struct fifo_entry){tracker_ref(m), now_s + t->limits.finished_s}))
        m->flags |= MESSAGE_FINISHED;
    if (f->count > max) {
        prefetch_ahead(t, f);
        drop_oldest(t, f);
    }
}

static void drop_due(struct tracker *t, struct fifo *f, uint32_t now_s)
{
    while (f->count && f->entry[f->head].due_s <= now_s)
        drop_oldest(t, f);
}

void tracker_drop_finished(struct tracker *t, uint32_t now_s)
{
    drop_due(t, &t->finished, now_s);
    drop_due(t, &t->brief, now_s);
}

/* How many more seconds m may be silent; 0: forget it. A waiting message is never forgotten here:
 * the end of its wait decides. */
static uint32_t silence_left(const struct tracker *t, const struct message *m, uint64_t now_s)
{
    uint32_t age = m->state == MESSAGE_NEW ? t->limits.unqueued_s : t->limits.age_s;
    uint64_t end_s = m->last_s + (uint64_t)age;

    if (end_s > now_s)
        return (uint32_t)(end_s - now_s);
    return message_has(m, MESSAGE_WAITING) ? 1 : 0;
}

/* Words of 64 slots are visited, not single slots. A word whose due_s lies ahead is skipped, so a
 * quiet table costs next to nothing; a visit sets due_s anew from the messages that stay. */
void tracker_sweep(struct tracker *t, uint32_t minute)
{
    uint64_t now_s = minute * (uint64_t)60;

    /* Every tenth word, so that no single minute bears the whole table. */
    for (uint32_t word = minute % SWEEP_MINUTES; word < t->chunk_count * (CHUNK / 64);
         word += SWEEP_MINUTES) {
        struct message_chunk *chunk = t->chunk[word / (CHUNK / 64)];
        uint64_t live = chunk ? chunk->live[word % (CHUNK / 64)] : 0;
        uint32_t next = UINT32_MAX;
        if (!live || chunk->due_s[word % (CHUNK / 64)] > now_s)
            continue;
        for (; live; live &= live - 1) {
            /* `live` is a copy: forgetting a message, and with it the chunk, does not disturb
             * the loop. */
            struct message *m = tracker_at(t, word * 64 + (uint32_t)__builtin_ctzll(live));
            uint32_t left = silence_left(t, m, now_s);
            if (left && left < next)
                next = left;
            t->counters.expired += left == 0;
            if (!left)
                tracker_forget(t, m);
        }
        if (next != UINT32_MAX) /* a message is left, so the chunk still exists */
            chunk->due_s[word % (CHUNK / 64)] = (uint32_t)(now_s + next);
    }
}

void tracker_look_at_all(struct tracker *t)
{
    for (uint32_t i = 0; i < t->chunk_count; i++)
        if (t->chunk[i])
            memset(t->chunk[i]->due_s, 0, sizeof(t->chunk[i]->due_s));
}

/* Finished messages go first: they matter less than those in flight. */
void tracker_fit(struct tracker *t)
{
    while (t->finished.count > t->limits.finished)
        drop_oldest(t, &t->finished);
    while (t->brief.count > t->limits.finished / BRIEF_SHARE)
        drop_oldest(t, &t->brief);
    while (t->count > t->limits.messages)
        tracker_evict(t);
}

void tracker_set_limits(struct tracker *t, const struct tracker_limits *limits)
{
    t->limits = *limits;
    tracker_look_at_all(t);
    tracker_fit(t);
}

void tracker_forget_host(struct tracker *t, uint16_t host)
{
    for (uint32_t c = 0; c < t->chunk_count; c++)
        for (uint32_t i = 0; i < CHUNK && t->chunk[c]; i++) { /* its last message frees a chunk */
            struct message *m = &t->chunk[c]->message[i];
            if (!tracker_is_live(t, c * CHUNK + i) || hosts_host(m->source) != host)
                continue;
            t->counters.expired++;
            tracker_forget(t, m);
        }
}

void tracker_move(struct tracker *t, uint16_t from, uint16_t to)
{
    for (uint32_t c = 0; c < t->chunk_count; c++)
        for (uint32_t i = 0; t->chunk[c] && i < CHUNK; i++) {
            struct message *m = &t->chunk[c]->message[i];
            /* The index stays: the hash depends on the host, which is the same for both. */
            if (tracker_is_live(t, c * CHUNK + i) && m->source == from)
                m->source = to;
        }
}
