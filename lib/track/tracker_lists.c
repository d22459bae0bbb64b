/* SPDX-License-Identifier: MIT */
#include "track/tracker_lists.h"

#include <stdlib.h>

#include "track/tracker.h"
#include "track/tracker_slots.h"

enum {
    FIFO_MIN = 8,
    BRIEF_SHARE = 8,      /* finished messages without children get 1/8 of limits.finished */
    EVICTION_SAMPLE = 16, /* how many are looked at to find the one silent longest */
    SEARCH_MAX = 65536,   /* how many are looked at to find one beyond its share */
    SWEEP_MINUTES = 10,   /* a sweep of the whole table takes this many minutes */
};

/* Doubles the ring when it is full, with its entries in order from 0. */
static bool fifo_push(struct fifo *f, struct fifo_entry entry)
{
    if (f->count == f->room) {
        /* A power of two, so that a mask wraps it. */
        uint32_t room = f->room ? f->room * 2 : FIFO_MIN;
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
    uint16_t host = hosts_host(m->source);
    uint32_t due_s = now_s + t->limits.grace_s;

    if (message_has(m, MESSAGE_WAITING))
        return;
    if (!fifo_push(&t->host[host].waiting, (struct fifo_entry){tracker_ref(m), due_s, 0}))
        return;
    m->flags |= MESSAGE_WAITING;
    hosts_due(t->hosts, host, due_s);
}

/* A message listed a while ago is in no cache any more. Prefetch the ones that come off in a few
 * turns: first the message, later its texts. The empty asm is an effect for gcc to see: it drops
 * calls of a function that only prefetches (12.2, at -O3). */
static void prefetch_ahead(const struct tracker *t, const struct fifo *f)
{
    if (f->count < 16)
        return;
    __asm__ volatile("");
    uint32_t far = f->entry[(f->head + 8) & (f->room - 1)].ref.slot;
    uint32_t near = f->entry[(f->head + 4) & (f->room - 1)].ref.slot;
    if (tracker_is_live(t, far)) {
        const char *line = (const char *)tracker_at(t, far);
        __builtin_prefetch(line, 1);
        __builtin_prefetch(line + 64, 1);
    }
    if (tracker_is_live(t, near)) {
        const struct message *m = tracker_at(t, near);
        __builtin_prefetch(m->client, 1);
        __builtin_prefetch(m->sender, 1);
        __builtin_prefetch(m->recipients.only.text, 1);
        tracker_prefetch_index(t, tracker_hash(t, m->source, m->id));
    }
}

struct message *tracker_waited(struct tracker *t, uint16_t host, uint32_t now_s)
{
    struct fifo *f = host < t->host_room ? &t->host[host].waiting : NULL;

    while (f && f->count && (f->entry[f->head].due_s <= now_s || now_s == UINT32_MAX)) {
        prefetch_ahead(t, f);
        struct message *m = tracker_deref(t, fifo_pop(f).ref);
        /* It was forgotten while it waited, to make room for others. */
        if (!m)
            continue;
        m->flags &= (uint32_t)~MESSAGE_WAITING;
        return m;
    }
    return NULL;
}

void tracker_expect(struct tracker *t, const struct message *m, uint32_t nrcpt, uint32_t now_s)
{
    uint16_t host = hosts_host(m->source);
    uint32_t due_s = now_s + t->limits.grace_s;

    if (fifo_push(&t->host[host].expected, (struct fifo_entry){tracker_ref(m), due_s, nrcpt}))
        hosts_due(t->hosts, host, due_s);
}

struct message *tracker_expected(struct tracker *t, uint16_t host, uint32_t now_s,
                                 uint32_t *ret_nrcpt)
{
    struct fifo *f = host < t->host_room ? &t->host[host].expected : NULL;

    while (f && f->count && (f->entry[f->head].due_s <= now_s || now_s == UINT32_MAX)) {
        prefetch_ahead(t, f);
        struct fifo_entry entry = fifo_pop(f);
        struct message *m = tracker_deref(t, entry.ref);
        if (!m)
            continue;
        *ret_nrcpt = entry.nrcpt;
        return m;
    }
    return NULL;
}

static uint32_t head_due(const struct fifo *f)
{
    return f->count ? f->entry[f->head].due_s : UINT32_MAX;
}

uint32_t tracker_next_due(const struct tracker *t, uint16_t host)
{
    if (host >= t->host_room)
        return UINT32_MAX;
    const struct tracker_host *h = &t->host[host];
    uint32_t next = head_due(&h->waiting), finished = head_due(&h->finished);
    if (finished < next)
        next = finished;
    if (head_due(&h->expected) < next)
        next = head_due(&h->expected);
    return head_due(&h->brief) < next ? head_due(&h->brief) : next;
}

/* A message that still waits stays until its wait is over; lifecycle.c forgets it then. False if it
 * was forgotten already. */
static bool drop_oldest(struct tracker *t, struct fifo *f)
{
    struct message *m = tracker_deref(t, fifo_pop(f).ref);

    if (!m)
        return false;
    m->flags &= (uint32_t)~MESSAGE_FINISHED;
    if (!message_has(m, MESSAGE_WAITING))
        tracker_forget(t, m);
    return true;
}

void tracker_finish(struct tracker *t, struct message *m, uint32_t now_s)
{
    uint16_t host = hosts_host(m->source);
    struct tracker_host *h = &t->host[host];
    uint32_t due_s = now_s + t->limits.finished_s;

    m->state = MESSAGE_GONE;
    t->gone++;
    /* Most finished messages are never needed again. Only parents are looked up later (whose mail
     * was it, was it counted), so only they are kept for longer. */
    struct fifo *f = message_has(m, MESSAGE_PARENT) ? &h->finished : &h->brief;
    uint32_t max = f == &h->finished ? t->limits.finished : t->limits.finished / BRIEF_SHARE;
    /* Without memory for the entry, the sweep forgets the message when it is old. */
    if (fifo_push(f, (struct fifo_entry){tracker_ref(m), due_s, 0}))
        m->flags |= MESSAGE_FINISHED;
    hosts_due(t->hosts, host, due_s);
    if (f->count > max) {
        prefetch_ahead(t, f);
        bool early = f == &h->finished && head_due(f) > now_s;
        t->counters.finished_early += drop_oldest(t, f) && early;
    }
}

static void drop_due(struct tracker *t, struct fifo *f, uint32_t now_s)
{
    while (f->count && f->entry[f->head].due_s <= now_s) {
        prefetch_ahead(t, f);
        drop_oldest(t, f);
    }
}

void tracker_drop_finished(struct tracker *t, uint16_t host, uint32_t now_s)
{
    if (host >= t->host_room)
        return;
    drop_due(t, &t->host[host].finished, now_s);
    drop_due(t, &t->host[host].brief, now_s);
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
void tracker_sweep(struct tracker *t, uint16_t host, uint32_t minute)
{
    uint64_t now_s = minute * (uint64_t)60;

    /* Every tenth word, so that no single minute bears the whole table. Forgetting messages may
     * take words off the list's end. */
    for (uint32_t k = minute % SWEEP_MINUTES; !tracker_is_idle(t, host) && k < t->host[host].words;
         k += SWEEP_MINUTES) {
        int32_t word = t->host[host].word[k];
        struct message_chunk *chunk =
            word != WORD_NONE ? tracker_chunk_of(t, (uint32_t)word) : NULL;
        uint32_t next = UINT32_MAX, w = (uint32_t)word % CHUNK_WORDS;
        if (!chunk || chunk->due_s[w] > now_s)
            continue;
        for (uint64_t live = chunk->live[w]; live; live &= live - 1) {
            /* `live` is a copy: forgetting a message, and with it the chunk, does not disturb
             * the loop. */
            struct message *m =
                tracker_at(t, (uint32_t)word * 64 + (uint32_t)__builtin_ctzll(live));
            uint32_t left = silence_left(t, m, now_s);
            if (left && left < next)
                next = left;
            t->counters.expired += left == 0;
            if (!left)
                tracker_forget(t, m);
        }
        if (next != UINT32_MAX) /* a message is left, so the chunk still exists */
            chunk->due_s[w] = (uint32_t)(now_s + next);
    }
}

void tracker_look_at_all(struct tracker *t)
{
    for (uint32_t i = 0; i < t->chunk_count; i++)
        if (t->chunk[i])
            memset(t->chunk[i]->due_s, 0, sizeof(t->chunk[i]->due_s));
}

static uint64_t text_bytes(const struct intern *text)
{
    return text ? intern_bytes(text->len) : 0;
}

/* What only this message needs, and others' texts that it may share. */
static uint64_t bytes_of(struct message *m)
{
    uint64_t bytes =
        tracker_fixed_bytes(m) + text_bytes(m->sender) + text_bytes(m->who) + text_bytes(m->client);

    for (uint16_t i = 0; i < m->recipient_count; i++)
        bytes += text_bytes(message_recipients(m)[i].text);
    return bytes;
}

void tracker_evict_for_bytes(struct tracker *t)
{
    uint64_t bytes = t->limits.bytes > t->link_bytes ? t->limits.bytes - t->link_bytes : 0;
    uint64_t share = bytes / t->limits.messages;

    while (tracker_is_over(t) && t->count) {
        struct message *worst = NULL;
        uint64_t most = 0;
        /* If all were within their share, they would fit: there is one that isn't. */
        for (uint32_t i = 0; i < EVICTION_SAMPLE || (!most && i < t->count && i < SEARCH_MAX);
             i++) {
            struct message *m = tracker_at(t, tracker_next_live(t));
            uint64_t its = bytes_of(m);
            its = its > share ? its : 0; /* within their share all are alike */
            if (!worst || its > most ||
                (its == most && tracker_silence(t, m) > tracker_silence(t, worst))) {
                worst = m;
                most = its;
            }
        }
        t->counters.evicted++;
        t->counters.evicted_for_bytes++;
        tracker_forget(t, worst);
    }
}

/* Finished messages go first: they matter less than those in flight. */
void tracker_fit(struct tracker *t)
{
    for (uint32_t i = 0; i < t->host_room; i++) {
        struct tracker_host *h = &t->host[i];
        while (h->finished.count > t->limits.finished)
            drop_oldest(t, &h->finished);
        while (h->brief.count > t->limits.finished / BRIEF_SHARE)
            drop_oldest(t, &h->brief);
    }
    while (t->count > t->limits.messages)
        tracker_evict(t);
    tracker_evict_for_bytes(t);
}

void tracker_set_limits(struct tracker *t, const struct tracker_limits *limits)
{
    t->limits = *limits;
    tracker_look_at_all(t);
    tracker_fit(t);
}

/* Calls visit for each message of a host; it may forget that message. */
static void each_of_host(struct tracker *t, uint16_t host, tracker_visit *visit, void *ctx)
{
    for (uint32_t k = 0; !tracker_is_idle(t, host) && k < t->host[host].words; k++) {
        uint32_t word = (uint32_t)t->host[host].word[k];
        if (t->host[host].word[k] == WORD_NONE)
            continue;
        for (uint64_t live = tracker_chunk_of(t, word)->live[word % CHUNK_WORDS]; live;
             live &= live - 1)
            visit(ctx, tracker_at(t, word * 64 + (uint32_t)__builtin_ctzll(live)));
    }
}

static void forget(void *ctx, struct message *m)
{
    struct tracker *t = ctx;

    t->counters.expired++;
    tracker_forget(t, m);
}

/* Whoever gets that number next has another clock, so the lists go, too. */
void tracker_forget_host(struct tracker *t, uint16_t host)
{
    each_of_host(t, host, forget, t);
    if (host >= t->host_room)
        return;
    t->host[host].waiting.count = t->host[host].finished.count = t->host[host].brief.count = 0;
    t->host[host].expected.count = 0;
}

struct move {
    uint16_t from, to;
};

/* The index stays: the hash depends on the host, which is the same for both. */
static void move(void *ctx, struct message *m)
{
    const struct move *way = ctx;

    if (m->source == way->from)
        m->source = way->to;
}

void tracker_move(struct tracker *t, uint16_t from, uint16_t to)
{
    struct move way = {from, to};

    each_of_host(t, hosts_host(from), move, &way);
}

uint32_t tracker_count_waiting(const struct tracker *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->host_room; i++)
        n += t->host[i].waiting.count;
    return n;
}

uint32_t tracker_count_finished(const struct tracker *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->host_room; i++)
        n += t->host[i].finished.count;
    return n;
}
