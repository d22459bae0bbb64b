/* SPDX-License-Identifier: MIT */
#include "track/tracker_slots.h"

#include <stdlib.h>

enum { ALL_WORDS = 0xffff, PLACES_MIN = 4, PLACES_MAX = 1 << 20 };

/* --- chunks ----------------------------------------------------------------------------------- */

static struct message_chunk *make_chunk(struct tracker *t)
{
    struct message_chunk *chunk = t->spare;

    if (!chunk)
        /* aligned_alloc wants a size that is a multiple of the alignment. */
        chunk = aligned_alloc(64, (sizeof(*chunk) + 63) / 64 * 64);
    t->spare = NULL;
    if (!chunk)
        return NULL;
    memset(chunk->live, 0, sizeof(chunk->live));
    chunk->words = 0;
    return chunk;
}

bool tracker_add_chunk(struct tracker *t, bool there)
{
    struct message_chunk **grown = realloc(t->chunk, ((size_t)t->chunk_count + 1) * sizeof(*grown));

    if (!grown)
        return false;
    t->chunk = grown;
    t->chunk[t->chunk_count] = there ? make_chunk(t) : NULL;
    if (there && !t->chunk[t->chunk_count])
        return false;
    t->chunk_count++;
    return true;
}

/* The lowest chunk with a free word, made where there is none: messages stay together and whole
 * chunks come free after a flood. */
static struct message_chunk *chunk_with_room(struct tracker *t, uint32_t *ret)
{
    uint32_t i = t->chunk_free;

    while (i < t->chunk_count && t->chunk[i] && t->chunk[i]->words == ALL_WORDS)
        i++;
    t->chunk_free = i;
    if (i == t->chunk_count && !tracker_add_chunk(t, false))
        return NULL;
    if (!t->chunk[i])
        t->chunk[i] = make_chunk(t);
    *ret = i;
    return t->chunk[i];
}

static void give_chunk(struct tracker *t, uint32_t i)
{
    /* One is kept, lest a table that breathes maps and unmaps all day. */
    free(t->spare);
    t->spare = t->chunk[i];
    t->chunk[i] = NULL;
    /* Walks end at chunk_count, so do not let them pass over a tail of chunks that are gone. */
    while (t->chunk_count && !t->chunk[t->chunk_count - 1])
        t->chunk_count--;
}

/* --- words ------------------------------------------------------------------------------------ */

static uint64_t *live_of(const struct tracker *t, uint32_t word)
{
    return &tracker_chunk_of(t, word)->live[word % CHUNK_WORDS];
}

bool tracker_slots_reserve(struct tracker *t, uint16_t host)
{
    uint32_t room = t->host_room ? t->host_room : 1;

    if (host < t->host_room)
        return true;
    while (room <= host)
        room *= 2;
    struct tracker_host *hosts = realloc(t->host, room * sizeof(*hosts));
    if (!hosts)
        return false;
    memset(hosts + t->host_room, 0, (room - t->host_room) * sizeof(*hosts));
    t->host = hosts;
    t->host_room = (uint16_t)(room < UINT16_MAX ? room : UINT16_MAX);
    return true;
}

static bool reserve_places(struct tracker_host *h, uint32_t count)
{
    uint32_t room = h->room ? h->room : PLACES_MIN;

    while (room < count)
        room *= 2;
    if (room == h->room)
        return true;
    int32_t *word = realloc(h->word, room * sizeof(*word));
    if (!word)
        return false;
    h->word = word;
    uint32_t was = (h->room + 63) / 64, bits = (room + 63) / 64;
    uint64_t *open = realloc(h->open, bits * sizeof(*open));
    if (!open)
        return false;
    memset(open + was, 0, (bits - was) * sizeof(*open));
    h->open = open;
    h->room = room;
    return true;
}

/* --- places ----------------------------------------------------------------------------------- */

static void set_open(struct tracker_host *h, uint32_t place)
{
    h->open[place / 64] |= (uint64_t)1 << place % 64;
}

static void clear_open(struct tracker_host *h, uint32_t place)
{
    h->open[place / 64] &= ~((uint64_t)1 << place % 64);
}

/* The first place from h->free on that may have room; h->words if none has. */
static uint32_t first_open(const struct tracker_host *h)
{
    for (uint32_t place = h->free; place < h->words; place = (place / 64 + 1) * 64) {
        uint64_t open = h->open[place / 64] >> place % 64;
        if (open)
            place += (uint32_t)__builtin_ctzll(open);
        if (open)
            return place < h->words ? place : h->words;
    }
    return h->words;
}

/* Gives the host a word, at the place h->free. */
static bool take_word(struct tracker *t, struct tracker_host *h)
{
    uint32_t i;
    struct message_chunk *chunk = reserve_places(h, h->free + 1) ? chunk_with_room(t, &i) : NULL;

    if (!chunk)
        return false;
    uint32_t w = (uint32_t)__builtin_ctz(~(uint32_t)chunk->words);
    chunk->words |= (uint16_t)(1U << w);
    chunk->place[w] = h->free;
    chunk->due_s[w] = 0; /* lies in the past: the next sweep of the word looks, and sets it */
    h->word[h->free] = (int32_t)(i * CHUNK_WORDS + w);
    h->words += h->free == h->words;
    set_open(h, h->free);
    hosts_sweep(t->hosts, (uint16_t)(h - t->host));
    return true;
}

static void give_word(struct tracker *t, struct tracker_host *h, uint32_t word)
{
    struct message_chunk *chunk = tracker_chunk_of(t, word);
    uint32_t i = word / CHUNK_WORDS;

    h->word[chunk->place[word % CHUNK_WORDS]] = WORD_NONE;
    while (h->words && h->word[h->words - 1] == WORD_NONE)
        h->words--;
    chunk->words &= (uint16_t) ~(1U << word % CHUNK_WORDS);
    /* All words of the chunks before chunk_free are taken. One of this no longer is. */
    if (i < t->chunk_free)
        t->chunk_free = i;
    if (!chunk->words)
        give_chunk(t, i);
}

bool tracker_slots_place(struct tracker *t, uint16_t host, uint32_t word, uint32_t place)
{
    struct tracker_host *h = &t->host[host];

    if (place >= PLACES_MAX || !reserve_places(h, place + 1))
        return false;
    for (; h->words <= place; h->words++) {
        h->word[h->words] = WORD_NONE;
        set_open(h, h->words);
    }
    if (h->word[place] != WORD_NONE)
        return false;
    h->word[place] = (int32_t)word;
    struct message_chunk *chunk = tracker_chunk_of(t, word);
    chunk->words |= (uint16_t)(1U << word % CHUNK_WORDS);
    chunk->place[word % CHUNK_WORDS] = place;
    return true;
}

/* --- slots ------------------------------------------------------------------------------------ */

uint32_t tracker_slots_take(struct tracker *t, uint16_t host)
{
    if (!tracker_slots_reserve(t, host))
        return 0;
    struct tracker_host *h = &t->host[host];
    for (;;) {
        h->free = first_open(h);
        if ((h->free == h->words || h->word[h->free] == WORD_NONE) && !take_word(t, h))
            return 0;
        uint32_t word = (uint32_t)h->word[h->free];
        uint64_t *live = live_of(t, word), taken = *live | (word == 0); /* slot 0 is none */
        if (taken == UINT64_MAX) {
            clear_open(h, h->free);
            continue;
        }
        uint32_t bit = (uint32_t)__builtin_ctzll(~taken);
        *live |= (uint64_t)1 << bit;
        return word * 64 + bit;
    }
}

void tracker_slots_give(struct tracker *t, uint32_t slot, uint16_t host)
{
    struct tracker_host *h = &t->host[host];
    uint32_t word = slot / 64, place = tracker_chunk_of(t, word)->place[word % CHUNK_WORDS];

    *live_of(t, word) &= ~((uint64_t)1 << slot % 64);
    set_open(h, place);
    if (place < h->free)
        h->free = place;
    if (!*live_of(t, word))
        give_word(t, h, word);
}

void tracker_slots_done(struct tracker *t)
{
    for (uint32_t i = 0; i < t->chunk_count; i++)
        free(t->chunk[i]);
    free(t->chunk);
    free(t->spare);
    for (uint32_t i = 0; i < t->host_room; i++) {
        free(t->host[i].waiting.entry);
        free(t->host[i].expected.entry);
        free(t->host[i].finished.entry);
        free(t->host[i].brief.entry);
        free(t->host[i].word);
        free(t->host[i].open);
    }
    free(t->host);
}
