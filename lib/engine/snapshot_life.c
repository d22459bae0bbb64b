/* SPDX-License-Identifier: MIT */
/* What is remembered of messages while a filter has them. */
#include "engine/snapshot_life.h"

#include "engine/snapshot_texts.h"
#include "engine/stages.h"

/* Entries keep their positions, which depend on their hash. PIPED_MAX ends the list. */
static void write_piped(struct writer *w, const struct lifecycle *life)
{
    _Static_assert(PIPED_MAX <= UINT16_MAX, "PIPED_MAX itself ends the list");

    for (uint32_t i = 0; i < PIPED_MAX; i++) {
        const struct piped_link *piped = &life->piped[i];
        if (!piped->ref.slot)
            continue;
        write_u16(w, (uint16_t)i);
        write_u32(w, piped->ref.slot);
        write_u32(w, piped->ref.serial);
        write_u32(w, piped->key);
    }
    write_u16(w, PIPED_MAX);
}

/* A reference may be stale, or wrong: tracker_deref and the key decide when it is used. */
static bool read_piped(struct reader *r, struct lifecycle *life)
{
    uint32_t i;

    while ((i = read_below(r, read_u16(r), PIPED_MAX + 1, "no place of a piped message")) <
               PIPED_MAX &&
           !r->failed) {
        struct piped_link *piped = &life->piped[i];
        if (piped->ref.slot)
            return read_fail(r, "a piped message is there twice");
        piped->ref.slot = read_u32(r);
        piped->ref.serial = read_u32(r);
        piped->key = read_u32(r);
        if (!piped->ref.slot)
            return read_fail(r, "a piped message is none");
    }
    return !r->failed;
}

/* The pid decides the position; pid 0 ends the list. */
static void write_proxied(struct writer *w, const struct lifecycle *life)
{
    for (uint32_t i = 0; i < PROXIED_MAX; i++) {
        const struct proxied_client *proxied = &life->proxied[i];
        if (!proxied->pid)
            continue;
        write_u32(w, proxied->pid);
        write_u16(w, proxied->source);
        write_text(w, proxied->client);
        write_text(w, proxied->account);
    }
    write_u32(w, 0);
}

static bool read_proxied(struct reader *r, struct lifecycle *life)
{
    uint32_t pid;

    while ((pid = read_u32(r)) != 0 && !r->failed) {
        struct proxied_client *proxied = &life->proxied[pid % PROXIED_MAX];
        if (proxied->pid)
            return read_fail(r, "a process is there twice");
        proxied->pid = pid;
        proxied->source = (uint16_t)read_below(r, read_u16(r), r->p->hosts.source_count,
                                               "a process is of no host");
        proxied->client = read_text(r);
        proxied->account = read_text(r);
    }
    return !r->failed;
}

void write_life(struct writer *w, const struct lifecycle *life)
{
    write_numbers(w, (const uint64_t *)&life->counters, sizeof(life->counters));
    write_u32(w, life->now_s);
    write_piped(w, life);
    write_proxied(w, life);
}

bool read_life(struct reader *r, struct lifecycle *life)
{
    read_numbers(r, (uint64_t *)&life->counters, sizeof(life->counters));
    life->now_s = read_u32(r);
    return read_piped(r, life) && read_proxied(r, life);
}
