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

/* Mail that a host has handed over is found by this one, until its counterpart shows up. */
static uint64_t key_of_handed(struct queue_id id)
{
    return link_key_of_return(link_key_of_handover(id));
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

/* Another host of the fleet brought it. Where nobody has told of one: another host of this log may
 * have, from a private address. */
static bool may_be_handed_over(struct lifecycle *life, const struct message *m,
                               const struct message *c)
{
    return clients_of(&life->judge->clients, c)->is_fleet ||
           (has_neighbours(life) && c->is_near && hosts_host(c->source) != hosts_host(m->source));
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
    if (message_has(c, MESSAGE_RESOLVED)) {
        life->counters.late_links++;
        return;
    }
    lifecycle_set_parent(life, c, m, ORIGIN_FILTER, "queued as, within the fleet");
}

/* Links the message of that ID to m, if it has shown up. */
static bool find_handed(struct lifecycle *life, struct message *m, struct queue_id id)
{
    uint64_t key = link_key_of_handover(id);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *c = link_index_take(&life->links, life->tracker, key, &at);
        if (!c || !queue_id_equal(c->id, id) || !is_handover(life, m, c))
            continue;
        link_them(life, m, c); /* m's record, once it is noted, wakes it */
        return true;
    }
    m->flags |= MESSAGE_PARENT; /* the next host's lines may come late */
    lifecycle_index(life, m, key_of_handed(id));
    return false;
}

bool link_fleet_handed(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;

    if (!record_queued_as(&reply, &id))
        return false;
    find_handed(life, m, id);
    return true;
}

bool link_fleet_handed_near(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;

    return has_neighbours(life) && record_queued_as(&reply, &id) && find_handed(life, m, id);
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

void link_fleet_arrived(struct lifecycle *life, struct message *c)
{
    uint64_t key = key_of_handed(c->id);

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
