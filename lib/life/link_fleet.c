/* SPDX-License-Identifier: MIT */
#include "life/link_fleet.h"

#include "life/hops.h"
#include "life/link_keys.h"

/* LATE_S: how much later one host's lines may come than another's. */
enum { LATE_S = 600, APART_S = 300 };

/* Hosts whose mail is looked for on each other where nobody has told of a fleet. */
enum { NEIGHBOURS_MAX = 8 };

static bool has_neighbours(const struct lifecycle *life)
{
    return life->hosts->host_count > 1 && life->hosts->host_count <= NEIGHBOURS_MAX &&
           !site_has_fleet(life->site);
}

/* Mail that a host has handed over is found by this one, until its counterpart shows up. away: to a
 * public address, where nobody has told of a fleet. */
static uint64_t key_of_handed(struct queue_id id, bool away)
{
    return link_key_of_return(link_key_of_handover(id)) + away;
}

/* Whether c was accepted while m was in the queue. Where one host's clock or lines are far behind
 * the other's, times tell nothing. */
static bool is_in_time(const struct lifecycle *life, const struct message *m,
                       const struct message *c)
{
    const struct host *a = hosts_of(life->hosts, m->source), *b = hosts_of(life->hosts, c->source);
    uint64_t slack_s = site_clock_slack(life->site);

    return a->now_s > b->now_s + (uint64_t)APART_S || b->now_s > a->now_s + (uint64_t)APART_S ||
           (c->begun_s + slack_s >= m->begun_s && c->begun_s <= m->last_s + slack_s);
}

/* A client brought it, itself or through the filter before this host's queue, whose mail comes from
 * here (link_proxy.h): then the front, or the filter, has told who. */
static bool is_brought(struct lifecycle *life, const struct message *c)
{
    bool from_filter = message_has(c, MESSAGE_FROM_HERE);

    return !message_has(c, MESSAGE_PICKED_UP) &&
           (from_filter ? life->hosts->host[hosts_host(c->source)].fronts & HOST_PROXIES &&
                              !clients_of(&life->judge->clients, c)->is_self
                        : !c->is_named);
}

/* Another host of the fleet brought it. Where nobody has told of one: another host of this log may
 * have. From a public address, a stranger may have brought it, so the sender must agree; and
 * its recipients, which hops.c holds against m's when they are judged. */
static bool may_be_handed_over(struct lifecycle *life, const struct message *m,
                               const struct message *c)
{
    return clients_of(&life->judge->clients, c)->is_fleet ||
           (has_neighbours(life) && hosts_host(c->source) != hosts_host(m->source) &&
            (c->is_near || (is_brought(life, c) && !hops_has_other_sender(life->judge, m, c))));
}

/* Whether c is what m went on as. */
static bool is_handover(struct lifecycle *life, const struct message *m, const struct message *c)
{
    return c != m && may_be_handed_over(life, m, c) && !message_has(c, MESSAGE_NO_ID) &&
           (c->origin == ORIGIN_OUTSIDE || c->origin == ORIGIN_TRUSTED) && !c->parent.slot &&
           c->message_id_hash == m->message_id_hash && c->message_id_hash && is_in_time(life, m, c);
}

static void link_them(struct lifecycle *life, struct message *m, struct message *c)
{
    struct span client = client_address(intern_span(c->client));
    bool is_away = clients_are_strangers(&life->judge->clients, c, m);
    bool is_new = is_away && !site_has_handover_from(life->site, client);

    if (is_away)
        site_see_handover(life->site, client);
    if (message_has(c, MESSAGE_RESOLVED)) {
        life->counters.late_links++;
        if (is_new && c->cell) /* as a stranger's: it will wait the next time */
            life->judge->reread |= REREAD_APART;
        return;
    }
    lifecycle_set_parent(life, c, m, ORIGIN_FILTER, "queued as, within the fleet");
}

/* Whether mail to a public address (NULL: to one near by, or to the fleet) may have become c. If
 * what answered there brought c itself, that is a server between the hosts, maybe a stranger's. */
static bool is_by_way_of(const struct message *c, const struct address *away)
{
    struct address a;

    return !away || (!c->is_near && address_parse(client_address(intern_span(c->client)), &a) &&
                     memcmp(&a, away, sizeof(a)) != 0);
}

/* Links the message of that ID to m, if it has shown up. away: as is_by_way_of says. */
static bool find_handed(struct lifecycle *life, struct message *m, struct queue_id id,
                        const struct address *away)
{
    uint64_t key = link_key_of_handover(id);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *c = link_index_take(&life->links, life->tracker, key, &at);
        if (!c || !queue_id_equal(c->id, id) || !is_by_way_of(c, away) || !is_handover(life, m, c))
            continue;
        link_them(life, m, c); /* m's record, once it is noted, wakes it */
        return true;
    }
    m->flags |= away ? 0 : MESSAGE_PARENT; /* the next host's lines may come late */
    lifecycle_index(life, m, key_of_handed(id, away != NULL));
    return false;
}

bool link_fleet_handed(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;

    if (!record_queued_as(&reply, &id))
        return false;
    find_handed(life, m, id, NULL);
    return true;
}

bool link_fleet_handed_near(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;

    return has_neighbours(life) && record_queued_as(&reply, &id) && find_handed(life, m, id, NULL);
}

bool link_fleet_handed_away(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;

    if (!has_neighbours(life) || !record_queued_as(&reply, &id))
        return false;
    find_handed(life, m, id, &rec->hop);
    return true;
}

bool link_fleet_may_come(struct lifecycle *life, const struct message *c)
{
    if (!c->is_near || !has_neighbours(life))
        return false;
    for (uint16_t host = 0; host < life->hosts->host_count; host++) {
        uint16_t source = (uint16_t)(host * HOSTS_INSTANCES_MAX);
        uint64_t key = link_key_of_id(c->message_id_hash, source, 0);
        for (uint32_t at = link_index_first(&life->links, key); at;) {
            const struct message *m = link_index_take(&life->links, life->tracker, key, &at);
            if (m && may_be_handed_over(life, m, c) && !message_has(c, MESSAGE_NO_ID) &&
                m->message_id_hash == c->message_id_hash)
                return true; /* when it was accepted, its delivery will tell */
        }
    }
    return false;
}

void link_fleet_began(struct lifecycle *life, const struct message *m)
{
    if (has_neighbours(life) && m->message_id_hash && !message_has(m, MESSAGE_NO_ID))
        lifecycle_index(life, m, link_key(m, 0));
}

/* A client at a public address brought it, and it came of nothing yet. */
static bool may_be_anothers(struct lifecycle *life, const struct message *c)
{
    return (c->origin == ORIGIN_OUTSIDE || c->origin == ORIGIN_TRUSTED) && !c->is_near &&
           !c->parent.slot && !message_has(c, MESSAGE_RETURNED | MESSAGE_NO_ID) &&
           is_brought(life, c);
}

/* If a delivery of c has been judged, the other host's record comes too late for c, and shows only
 * where the next one comes from. */
static void await_handover(struct lifecycle *life, struct message *c)
{
    if (!message_has(c, MESSAGE_RESOLVED) || message_has(c, MESSAGE_TRIED)) {
        lifecycle_index(life, c, link_key_of_handover(c->id));
        return;
    }
    c->flags &= (uint32_t)~MESSAGE_RESOLVED;
    tracker_wait(life->tracker, c, life->clock_s);
    link_fleet_arrived(life, c);
}

/* m has the message-id of another host's message. True if m may have come of that. */
static bool meet(struct lifecycle *life, struct message *m, struct message *o)
{
    /* The lines of one second may come host by host. */
    if (may_be_anothers(life, o) && o->serial < m->serial && may_be_handed_over(life, m, o))
        await_handover(life, o);
    return may_be_anothers(life, m) && may_be_handed_over(life, o, m);
}

void link_fleet_named(struct lifecycle *life, struct message *m)
{
    if (!has_neighbours(life) || message_has(m, MESSAGE_NO_ID))
        return;
    bool met = may_be_anothers(life, m) &&
               site_has_handover_from(life->site, client_address(intern_span(m->client)));
    for (uint16_t host = 0; host < life->hosts->host_count; host++) {
        uint64_t key =
            link_key_of_id(m->message_id_hash, (uint16_t)(host * HOSTS_INSTANCES_MAX), 0);
        if (host == hosts_host(m->source))
            continue;
        for (uint32_t at = link_index_first(&life->links, key); at;) {
            struct message *o = link_index_take(&life->links, life->tracker, key, &at);
            met |= o && o->message_id_hash == m->message_id_hash && meet(life, m, o);
        }
    }
    if (met)
        await_handover(life, m);
}

void link_fleet_arrived(struct lifecycle *life, struct message *c)
{
    uint64_t key = key_of_handed(c->id, !c->is_near && !site_has_fleet(life->site));

    if (c->parent.slot || message_has(c, MESSAGE_RESOLVED))
        return;
    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *m = link_index_take(&life->links, life->tracker, key, &at);
        if (!m || !is_handover(life, m, c))
            continue;
        link_them(life, m, c);
        lifecycle_inherit(life, c);
        return;
    }
    lifecycle_index(life, c, link_key_of_handover(c->id));
}

bool link_fleet_must_wait(struct lifecycle *life, const struct message *m)
{
    const struct message *before;

    if (!site_has_fleet(life->site))
        return false;
    for (int hops = 0; hops < HOPS_MAX && (before = tracker_deref(life->tracker, m->parent));
         hops++)
        m = before;
    return !message_has(m, MESSAGE_RESOLVED) && !m->parent.slot &&
           clients_of(&life->judge->clients, m)->is_fleet &&
           life->clock_s < m->begun_s + (uint64_t)LATE_S;
}
