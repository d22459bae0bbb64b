/* SPDX-License-Identifier: MIT */
/* What is remembered of messages while a filter has them. */
#include "engine/snapshot_life.h"

#include "engine/snapshot_texts.h"
#include "engine/stages.h"

static void write_by_id(struct writer *w, const struct lifecycle *life)
{
    for (uint32_t i = 0; i < ID_LINKS; i++) {
        const struct id_link *link = &life->by_id[i];
        if (!link->ref.slot)
            continue;
        write_u32(w, i);
        write_u32(w, link->ref.slot);
        write_u32(w, link->ref.serial);
        write_u32(w, link->key);
    }
    write_u32(w, ID_LINKS);
}

static bool read_by_id(struct reader *r, struct lifecycle *life)
{
    uint32_t i;

    while ((i = read_below(r, read_u32(r), ID_LINKS + 1, "no slot of a message-id")) < ID_LINKS &&
           !r->failed) {
        struct id_link *link = &life->by_id[i];
        if (link->ref.slot)
            return read_fail(r, "a message-id is there twice");
        link->ref.slot = read_u32(r);
        link->ref.serial = read_u32(r);
        link->key = read_u32(r);
        if (!link->ref.slot)
            return read_fail(r, "a message-id is of no message");
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
        proxied->source = read_u16(r);
        if (!hosts_has_source(&r->p->hosts, proxied->source))
            return read_fail(r, "a process is of no host");
        proxied->client = read_text(r);
        proxied->account = read_text(r);
    }
    return !r->failed;
}

void write_life(struct writer *w, const struct lifecycle *life)
{
    write_numbers(w, (const uint64_t *)&life->counters, sizeof(life->counters));
    write_u32(w, life->now_s);
    write_by_id(w, life);
    write_proxied(w, life);
}

bool read_life(struct reader *r, struct lifecycle *life)
{
    read_numbers(r, (uint64_t *)&life->counters, sizeof(life->counters));
    life->now_s = read_u32(r);
    return read_by_id(r, life) && read_proxied(r, life);
}
