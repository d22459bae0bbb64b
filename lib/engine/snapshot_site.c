/* SPDX-License-Identifier: MIT */
#include "engine/snapshot_site.h"

#include "site/site_accounts.h"
#include "site/site_doors.h"
#include "site/site_state.h"

/* ADDRESSES_MAX: a table of a set has no more. */
enum { ADDRESSES_MAX = 1 << 20 };

static void write_addresses(struct writer *w, const struct address_set *set)
{
    write_u8(w, set->incomplete);
    for (int i = 0; i < 2; i++) {
        uint32_t at = 0;
        uint64_t hash;
        write_u32(w, set->table[i].count);
        while ((hash = address_table_next(&set->table[i], &at)) != 0)
            write_u64(w, hash);
    }
}

static uint64_t next_hash(void *ctx)
{
    return read_u64(ctx);
}

/* NULL: just to validate it. What a site knows already stays. */
static void read_addresses(struct reader *r, struct address_set *set)
{
    bool incomplete = read_u8(r) != 0;

    for (int i = 0; i < 2 && !r->failed; i++) {
        uint32_t count = read_count(r, sizeof(uint64_t));
        if (count > ADDRESSES_MAX)
            read_fail(r, "it has too many addresses");
        else if (set)
            address_table_fill(&set->table[i], count, next_hash, r);
        else
            read_bytes(r, (size_t)count * sizeof(uint64_t));
    }
    if (set)
        set->incomplete |= incomplete;
}

/* What the settings say is left out: the reader has settings of its own. */
static void write_learned(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                          enum proof proof, uint8_t door)
{
    (void)subdomains;
    if (proof == PROOF_NONE)
        return;
    write_span(ctx, domain);
    write_u8(ctx, (uint8_t) class);
    write_u8(ctx, (uint8_t)proof);
    write_u8(ctx, door);
}

static void write_account(void *ctx, struct span name, bool in_doubt)
{
    write_span(ctx, name);
    write_u8(ctx, in_doubt);
}

void write_site(struct writer *w, const struct site *site)
{
    write_u8(w, (uint8_t)site_address_form(site));
    write_u64(w, site_learned_dropped(site));
    for (uint8_t door = 1; site_door_name(site, door).len; door++) {
        write_span(w, site_door_name(site, door));
        const struct door *d = &site->doors.door[door - 1];
        write_u8(w, d->gives);
        write_u8(w, (uint8_t)(d->takes_in | d->leads_away << 1 | d->gives_surely << 2));
        write_u8(w, d->domains);
        write_u8(w, d->taken);
        write_u8(w, d->returned);
        write_u8(w, d->bringer_votes);
        write_u32(w, d->bringer);
        write_u32(w, d->since_s);
        for (int i = 0; i < DOORS_ABROAD; i++)
            write_u32(w, d->abroad[i]);
    }
    write_u32(w, 0); /* no door's name is empty */
    site_each_domain(site, write_learned, w);
    write_u32(w, 0); /* nor is a domain */
    write_addresses(w, &site->logins);
    write_addresses(w, &site->mailboxes);
    write_u32(w, site->mailboxes_from_s);
    write_u8(w, site->mailboxes_told);
    for (int i = 0; i < SITE_ARCHIVES; i++)
        write_u64(w, site->archive[i]);
    write_u8(w, site_refuses_strangers(site));
    site_each_account(site, write_account, w);
    write_u32(w, 0); /* nor an account's name */
}

/* Reads what write_site wrote after its numbers, into the site, or (NULL) just to validate it. */
static void read_learned(struct reader *r, struct site *site)
{
    struct span name;

    while ((name = read_span(r)).len) {
        struct door door = {0};
        door.gives =
            (uint8_t)read_below(r, read_u8(r), DOOR_GIVES_COUNT, "a door has an unknown state");
        uint32_t flags = read_below(r, read_u8(r), 8, "a door has unknown flags");
        door.takes_in = flags & 1;
        door.leads_away = flags & 2;
        door.gives_surely = flags & 4;
        door.domains = read_u8(r);
        door.taken = read_u8(r);
        door.returned = read_u8(r);
        door.bringer_votes = read_u8(r);
        door.bringer = read_u32(r);
        door.since_s = read_u32(r);
        for (int i = 0; i < DOORS_ABROAD; i++)
            door.abroad[i] = read_u32(r);
        if (site)
            site_door_restore(site, site_door(site, name), &door);
    }
    while ((name = read_span(r)).len) {
        uint32_t class = read_below(r, read_u8(r), CLASS_COUNT, "a domain has an unknown class");
        uint32_t proof = read_below(r, read_u8(r), PROOF_COUNT, "a domain has an unknown proof");
        uint8_t door =
            (uint8_t)read_below(r, read_u8(r), DOORS_MAX + 1, "a domain has an impossible door");
        if (site)
            site_learn_again(site, name, (enum domain_class) class, (enum proof)proof, door);
    }
    read_addresses(r, site ? &site->logins : NULL);
    read_addresses(r, site ? &site->mailboxes : NULL);
    uint32_t from_s = read_u32(r);
    bool told = read_u8(r) != 0;
    for (int i = 0; i < SITE_ARCHIVES; i++) {
        uint64_t address = read_u64(r);
        if (site && address)
            site_learn_archive(site, address);
    }
    bool refuses = read_u8(r) != 0;
    while ((name = read_span(r)).len) {
        bool in_doubt = read_u8(r) != 0;
        if (site)
            site_restore_account(site, name, in_doubt);
    }
    if (!site)
        return;
    if (refuses)
        site_refused_strangers(site);
    site->mailboxes_told |= told;
    if (!site->mailboxes_from_s)
        site->mailboxes_from_s = from_s;
}

/* The site is the caller's, so it is changed only once nothing can fail any more. That is why the
 * site is the last part: a first pass checks it and the end mark, a second one learns. */
bool read_site(struct reader *r, struct site *site, struct hosts *hosts, uint32_t end)
{
    enum address_form form = read_u8(r);
    uint64_t dropped = read_u64(r);
    struct span first = r->rest;

    read_learned(r, NULL);
    if (read_u32(r) != end || r->failed || r->rest.len)
        return read_fail(r, "its end is in the wrong place");
    r->rest = first;
    read_learned(r, site);
    site_set_learned_dropped(site, site_learned_dropped(site) + dropped);
    /* What the settings say now, where it is not what they said then. */
    if (site_address_form(site) != form && site_address_form(site) != ADDRESS_FORM_UNKNOWN)
        hosts_set_form(hosts, site_address_form(site));
    return true;
}
