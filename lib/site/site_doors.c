/* SPDX-License-Identifier: MIT */
#include "site/site_doors.h"

#include "base/hash.h"
#include "parse/record.h"
#include "site/site_hops.h"
#include "site/site_state.h"

static struct door *door_at(struct site *site, uint8_t door)
{
    return door && door <= site->doors.count ? &site->doors.door[door - 1] : NULL;
}

/* "[address]": a server behind this one that smtp(8) hands mail to. */
static bool is_mail_server(const struct site *site, uint8_t door)
{
    const struct door *d = &site->doors.door[door - 1];

    return d->name[0] == '[' && d->name[d->len - 1] == ']';
}

void site_door_returns(struct site *site, uint8_t door)
{
    enum door_state state = doors_state(&site->doors, door);

    /* Its mail comes back, so what it took was not delivered, and proves nothing. A mail server may
     * return some mail, though, and keep the rest. */
    if (state == DOOR_UNKNOWN || state == DOOR_FILTERS || is_mail_server(site, door))
        return;
    site->doors.door[door - 1].gives = DOOR_GIVES_ALL;
    domains_forget_door(&site->domains, door);
}

bool site_door_is_filter(const struct site *site, uint8_t door)
{
    return doors_state(&site->doors, door) == DOOR_FILTERS;
}

void site_door_restore(struct site *site, uint8_t door, const struct door *from)
{
    struct door *d = door_at(site, door);

    if (!d)
        return;
    if (from->gives == DOOR_GIVES_ALL)
        site_door_returns(site, door);
    else if (from->gives == DOOR_GIVES_SOME)
        site_door_gives_back(site, door, false);
    d->gives_surely |= from->gives_surely;
    d->takes_in |= from->takes_in;
    d->leads_away |= from->leads_away;
    if (!d->taken) {
        d->taken = from->taken;
        d->returned = from->returned;
    }
    if (!d->bringer_votes) {
        d->bringer = from->bringer;
        d->bringer_votes = from->bringer_votes;
    }
    if (!d->domains && !d->abroad[0]) {
        d->domains = from->domains;
        memcpy(d->abroad, from->abroad, sizeof(d->abroad));
        d->since_s = from->since_s;
    }
}

void site_door_takes(struct site *site, uint8_t door, uint32_t at_s)
{
    struct door *d = door_at(site, door);

    if (!d)
        return;
    if (!d->domains && !d->abroad[0])
        d->since_s = at_s;
    d->domains += d->domains < DOORS_TUNNEL_DOMAINS;
}

void site_door_gives_back(struct site *site, uint8_t door, bool sure)
{
    struct door *d = door_at(site, door);

    if (!d)
        return;
    d->gives_surely |= sure;
    if (!site_door_is_socket(site, door)) /* site_socket_returns counts */
        d->returned += d->returned < d->taken;
    if (d->gives == DOOR_GIVES_NOTHING && !door_keeps(d))
        d->gives = DOOR_GIVES_SOME;
}

void site_door_is_brought_back_by(struct site *site, uint8_t door, uint32_t bringer)
{
    struct door *d = door_at(site, door);

    if (!d)
        return;
    if (!d->bringer_votes)
        d->bringer = bringer;
    if (d->bringer != bringer)
        d->bringer_votes--;
    else if (d->bringer_votes < UINT8_MAX)
        d->bringer_votes++;
}

static bool is_bringer(const struct site *site, uint32_t bringer, bool near)
{
    for (uint8_t i = 0; i < site->doors.count; i++)
        if (site->doors.door[i].bringer_votes && site->doors.door[i].bringer == bringer &&
            site_door_is_near(site, i + 1) == near)
            return true;
    return false;
}

bool site_is_bringer(const struct site *site, uint32_t uid)
{
    return is_bringer(site, uid, false);
}

void site_door_is_brought_back_from(struct site *site, uint8_t door, struct span address)
{
    struct address a;

    if (site_door_is_near(site, door) && !site_door_is_at(site, door, address) &&
        address_parse(address, &a))
        site_door_is_brought_back_by(site, door, (uint32_t)network_hash(&a, 0));
}

void site_door_takes_abroad(struct site *site, uint8_t door, struct span domain, uint32_t at_s)
{
    struct door *d = door_at(site, door);
    uint32_t hash = (uint32_t)hash_nocase(domain, 0) | 1;

    if (d && !d->domains && !d->abroad[0])
        d->since_s = at_s;
    for (int i = 0; d && i < DOORS_ABROAD && d->abroad[i] != hash; i++) {
        if (d->abroad[i])
            continue;
        d->abroad[i] = hash;
        return;
    }
}

void site_door_takes_in(struct site *site, uint8_t door)
{
    struct door *d = door_at(site, door);

    if (d)
        d->takes_in = true;
}

static void take(struct door *d)
{
    if (d->taken == UINT8_MAX) {
        d->taken /= 2;
        d->returned /= 2;
    }
    d->taken++;
}

void site_door_took(struct site *site, uint8_t door)
{
    struct door *d = door_at(site, door);

    if (!d)
        return;
    take(d);
    if (d->gives == DOOR_GIVES_NOTHING || !door_keeps(d))
        return;
    d->gives = DOOR_GIVES_NOTHING;
    site->domains.changes++; /* judge again */
    site->in_doubt = true;
}

bool site_door_keeps(const struct site *site, uint8_t door)
{
    return door && door <= site->doors.count && door_keeps(&site->doors.door[door - 1]);
}

void site_socket_takes(struct site *site, uint8_t door, struct span domain)
{
    struct door *d = door_at(site, door);

    if (!d)
        return;
    take(d);
    if (domain.len && site_is_outside(site, domain))
        site_socket_takes_abroad(site, door, domain);
}

void site_socket_takes_abroad(struct site *site, uint8_t door, struct span domain)
{
    struct door *d = door_at(site, door);

    site_door_takes_abroad(site, door, domain, 0);
    if (d && door_seems_to_filter(d))
        site_door_returns(site, door);
}

void site_socket_returns(struct site *site, uint8_t door, struct span domain, bool certain)
{
    struct door *d = door_at(site, door);

    if (!d || d->gives == DOOR_GIVES_ALL)
        return;
    domains_forget_delivery(&site->domains, domain, door);
    d->returned += certain && d->returned < d->taken;
    if (door_seems_to_filter(d))
        site_door_returns(site, door);
}

bool site_door_is_pipe(const struct site *site, uint8_t door)
{
    struct span name = site_door_name(site, door);

    return name.len && span_find(name, '[') < 0;
}

static bool leads_away(const struct site *site, uint8_t door)
{
    return doors_state(&site->doors, door) == DOOR_LEADS_AWAY;
}

bool site_door_leads_away(struct site *site, uint8_t door, uint32_t at_s)
{
    struct door *d = door_at(site, door);
    bool before = leads_away(site, door) || site_door_is_exit(site, door);

    if (before || !at_s || !d || !door_seems_to_lead_away(d, at_s))
        return before;
    d->leads_away = true;
    if (!leads_away(site, door))
        return false;
    domains_forget_door(&site->domains, door); /* what it took was not delivered here */
    site->domains.changes++;                   /* judge again */
    site->in_doubt = true;
    return true;
}

bool site_take_doubt(struct site *site)
{
    bool doubt = site->in_doubt;

    site->in_doubt = false;
    return doubt;
}

bool site_door_is_exit(const struct site *site, uint8_t door)
{
    return site->exits.services && !site_door_has_given_back(site, door) &&
           site_is_exit_service(site, site_door_name(site, door));
}

bool site_door_is_told(const struct site *site, uint8_t door)
{
    struct span name = site_door_name(site, door);
    struct address a;
    unsigned port;

    if (!site->exits.services && !site->exits.endpoints.count)
        return false;
    return record_relay(name, &a, &port) ? site_is_exit(site, &a, port)
                                         : site_is_exit_service(site, name);
}

bool site_door_is_one_way(const struct site *site, uint8_t door, bool is_exit, uint32_t at_s)
{
    return doors_gives_nothing(&site->doors, door) &&
           door_is_one_way(&site->doors.door[door - 1], is_exit, at_s);
}

bool site_door_has_given_back(const struct site *site, uint8_t door)
{
    return !doors_gives_nothing(&site->doors, door);
}

struct span site_door_name(const struct site *site, uint8_t door)
{
    return door && door <= site->doors.count
               ? span_of(site->doors.door[door - 1].name, site->doors.door[door - 1].len)
               : SPAN_NONE;
}

/* Of "name[address]:port". */
static struct span address_of_door(const struct site *site, uint8_t door)
{
    struct span name = site_door_name(site, door);

    return client_address(span_head(name, (size_t)(span_find_last(name, ']') + 1)));
}

/* "mx1[private/scan]", "mx1[/run/scan.sock]" */
bool site_door_is_socket(const struct site *site, uint8_t door)
{
    struct span name = site_door_name(site, door);
    struct address a;

    return span_ends(name, SPAN("]")) && name.at[0] != '[' &&
           !address_parse(address_of_door(site, door), &a);
}

bool site_door_is_near(const struct site *site, uint8_t door)
{
    struct address a;

    return address_parse(address_of_door(site, door), &a) && !site_is_own_address(site, &a);
}

uint8_t site_door(struct site *site, struct span name)
{
    struct address a;
    uint8_t before = site->doors.count, door = doors_number(&site->doors, name);

    if (site->doors.count == before || !site_door_is_near(site, door) ||
        !address_parse(address_of_door(site, door), &a) || address_is_private(&a))
        return door;
    site->doors.elsewhere++;
    site->domains.changes++; /* whom we trust has changed */
    return door;
}

bool site_door_is_at(const struct site *site, uint8_t door, struct span address)
{
    return address.len && span_equal(address_of_door(site, door), address) &&
           site_door_is_near(site, door);
}

bool site_door_is_near_by_smtp(const struct site *site, uint8_t door)
{
    struct address a;

    return span_starts(site_door_name(site, door), SPAN("[")) && site_door_is_near(site, door) &&
           address_parse(address_of_door(site, door), &a) && address_is_private(&a);
}

bool site_has_door_near_by_smtp(const struct site *site)
{
    for (uint8_t door = 1; door <= site->doors.count; door++)
        if (site_door_is_near_by_smtp(site, door))
            return true;
    return false;
}

bool site_has_door_at(const struct site *site, struct span address)
{
    for (uint8_t door = 1; door <= site->doors.count; door++)
        if (site_door_is_at(site, door, address))
            return true;
    return false;
}

bool site_gives_back_at(const struct site *site, struct span address)
{
    bool brought = false;
    struct address a;

    for (uint8_t door = 1; door <= site->doors.count; door++) {
        if (site_door_has_given_back(site, door) && site_door_is_at(site, door, address))
            return true;
        brought |= site->doors.door[door - 1].bringer_votes != 0;
    }
    if ((!brought && !site->filters.endpoints.count) || !address_parse(address, &a))
        return false;
    return site_has_filter_at(site, &a) || is_bringer(site, (uint32_t)network_hash(&a, 0), true);
}

bool site_has_machine_at(const struct site *site, const struct address *a, struct span address)
{
    return address_is_private(a) || (site->doors.elsewhere && site_has_door_at(site, address));
}

bool site_has_mailboxes_at(const struct site *site, struct span address)
{
    for (uint8_t door = 1; site->doors.elsewhere && door <= site->doors.count; door++)
        if (site->doors.door[door - 1].name[0] != '[' && site_door_is_at(site, door, address))
            return true;
    return false;
}
