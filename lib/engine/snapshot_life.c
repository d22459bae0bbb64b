/* SPDX-License-Identifier: MIT */
/* What is remembered of messages while a filter has them. */
#include "engine/snapshot_life.h"

#include "engine/snapshot_judge.h"
#include "engine/snapshot_texts.h"
#include "engine/stages.h"

enum { LINK_BYTES = 20, EARLY_BYTES = 48 };

/* Oldest first; the gaps of those that are gone, too. */
static void write_links(struct writer *w, const struct link_index *links)
{
    uint32_t entries = links->mask + 1, count = links->count < entries ? links->count : entries;

    write_u32(w, entries);
    write_u32(w, links->since_s);
    write_u32(w, links->full_at - links->count);
    write_u8(w, links->tight);
    write_u32(w, count);
    for (uint32_t position = links->count - count + 1; count--; position++) {
        const struct link_entry *entry = &links->entry[position & links->mask];
        write_u32(w, entry->ref.slot);
        write_u32(w, entry->ref.serial);
        write_u64(w, entry->key);
        write_u32(w, entry->note);
    }
}

/* As many entries as it had, unless the limits are smaller now: then the oldest go. Without a
 * tracker its size is fixed. */
static bool read_links(struct reader *r, struct tracker *t, struct link_index *links)
{
    uint32_t entries = read_u32(r), since_s = read_u32(r), left = read_u32(r);
    bool tight = read_u8(r) != 0;
    uint32_t count = read_count(r, LINK_BYTES);

    if (entries & (entries - 1) || count > entries)
        return read_fail(r, "it has too many links");
    while (t && entries > links->mask + 1 && !link_index_resize(links, t, entries))
        entries /= 2;
    while (count-- && !r->failed) {
        struct message_ref ref = {.slot = read_u32(r)};
        ref.serial = read_u32(r);
        uint64_t key = read_u64(r);
        uint32_t note = read_u32(r);
        if (ref.slot)
            link_index_append(links, ref, key, note);
        else
            link_index_skip(links, key);
    }
    links->since_s = since_s;
    links->tight = tight;
    links->full_at = links->count + (left <= links->mask ? left : links->mask + 1);
    return !r->failed;
}

/* The pid decides the set; pid 0 ends the list. */
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
        struct proxied_client *proxied =
            &life->proxied[pid % (PROXIED_MAX / PROXIED_WAYS) * PROXIED_WAYS];
        int i = 0;
        while (i < PROXIED_WAYS && proxied[i].pid)
            i++;
        if (i == PROXIED_WAYS)
            return read_fail(r, "too many processes in a set");
        proxied += i;
        proxied->pid = pid;
        proxied->source = read_u16(r);
        if (!hosts_has_source(&r->p->hosts, proxied->source))
            return read_fail(r, "a process has no host");
        proxied->client = read_text(r);
        proxied->account = read_text(r);
    }
    return !r->failed;
}

static void write_early(struct writer *w, const struct lifecycle *life)
{
    write_u32(w, life->early_count);
    for (uint32_t i = 0; i < life->early_count; i++) {
        const struct early_link *link = &life->early[i];
        write_u64(w, link->parent.lo);
        write_u64(w, link->parent.hi);
        write_u64(w, link->child.lo);
        write_u64(w, link->child.hi);
        write_text(w, link->client);
        write_text(w, link->account);
        write_u32(w, link->at_s);
        write_u16(w, link->source);
        write_u8(w, link->kind);
        write_u8(w, link->notice);
    }
}

static bool read_early(struct reader *r, struct lifecycle *life)
{
    uint32_t count = read_count(r, EARLY_BYTES);

    if (count > EARLY_MAX)
        return read_fail(r, "it has too many early links");
    while (life->early_count < count && !r->failed) {
        struct early_link *link = &life->early[life->early_count++];
        link->parent.lo = read_u64(r);
        link->parent.hi = read_u64(r);
        link->child.lo = read_u64(r);
        link->child.hi = read_u64(r);
        link->client = read_text(r);
        link->account = read_text(r);
        link->at_s = read_u32(r);
        link->source = read_u16(r);
        link->kind = (uint8_t)read_below(r, read_u8(r), EARLY_COUNT, "an early link has no kind");
        link->notice =
            (uint8_t)read_below(r, read_u8(r), NOTICE_COUNT, "an early link has no notice");
        if (!hosts_has_source(&r->p->hosts, link->source))
            return read_fail(r, "an early link has no host");
        if (link->kind == EARLY_FRONT && !link->client)
            return read_fail(r, "an early link has no client");
    }
    return !r->failed;
}

void write_life(struct writer *w, const struct lifecycle *life)
{
    write_numbers(w, (const uint64_t *)&life->counters, sizeof(life->counters));
    write_u32(w, life->now_s);
    write_links(w, &life->links);
    write_proxied(w, life);
    write_early(w, life);
    write_links(w, &life->judge->answers.mail);
    write_links(w, &life->judge->answers.reply);
    write_judge(w, life->judge);
}

bool read_life(struct reader *r, struct lifecycle *life)
{
    read_numbers(r, (uint64_t *)&life->counters, sizeof(life->counters));
    life->now_s = read_u32(r);
    return read_links(r, life->tracker, &life->links) && read_proxied(r, life) &&
           read_early(r, life) && read_links(r, NULL, &life->judge->answers.mail) &&
           read_links(r, NULL, &life->judge->answers.reply) && read_judge(r, life->judge);
}
