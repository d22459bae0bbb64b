/* SPDX-License-Identifier: MIT */
#include "life/link_return.h"

#include "life/hops.h"
#include "life/link_alone.h"
#include "life/link_fleet.h"
#include "life/link_forgotten.h"
#include "life/link_keys.h"
#include "life/link_make.h"
#include "life/link_relation.h"
#include "life/link_release.h"
#include "life/link_search.h"
#include "site/site_doors.h"

/* Whether mail was handed to where m came from, or may have been, behind a balancer's address, so
 * that what it brings may be known by more than its message-id. */
static bool is_from_door(const struct lifecycle *life, const struct message *m)
{
    return !m->is_near || site_has_door_at(life->site, client_address(intern_span(m->client))) ||
           site_has_door_near_by_smtp(life->site);
}

/* Whatever a filter near by, or the user of a pipe's filter, brings came of mail that went in
 * there, though that may be logged later: the lines of one second come in any order. His own
 * mail counts as his once its wait is over. */
static bool is_from_filter(const struct lifecycle *life, const struct message *m)
{
    return m->is_near ? site_gives_back_at(life->site, client_address(intern_span(m->client)))
                      : message_has(m, MESSAGE_PICKED_UP) && site_is_bringer(life->site, m->uid);
}

/* Looks for the message, delivered already, that c came from. r: the latest recipient, or NULL if
 * it is not new. */
static void find_link(struct lifecycle *life, struct message *c, const struct recipient *r,
                      uint64_t extra)
{
    struct link_finding found = link_search_parent(life, c, extra, false);

    if (found.parent)
        link_make_found(life, c, &found, extra);
    else if (r)
        link_forgotten_look(life, c, r, extra);
    if (message_has(c, MESSAGE_CLAIMED) && relation_came_without_id(c) &&
        (message_has(c, MESSAGE_PICKED_UP) || !is_from_door(life, c)) &&
        message_has(c, MESSAGE_HAS_SENDER) && !link_forgotten_is(c) && !is_from_filter(life, c) &&
        !link_search_without_id(life, c)) {
        c->flags &= (uint32_t)~MESSAGE_CLAIMED;
        lifecycle_resolve(life, c, (enum origin)c->origin);
    }
}

__attribute__((noinline)) static void look_at_children(struct lifecycle *life, struct message *m,
                                                       uint64_t key, uint64_t recipient,
                                                       uint32_t at)
{
    while (at) {
        struct message *c = link_search_other(life, m, key, &at);
        struct link_finding found = {.origin = ORIGIN_NONE};
        if (c && message_has(c, MESSAGE_CLAIMED))
            link_search_look_at(life, m, c, recipient, &found);
        if (found.parent)
            link_make_found(life, c, &found, recipient);
        else if (c && message_has(c, MESSAGE_RETURNED) && c->origin == ORIGIN_FILTER)
            link_make_better(life, m, c, 0);
    }
}

/* recipient: the child's to= or orig_to= that is part of the key, or 0. */
static void look_for_children(struct lifecycle *life, struct message *m, uint64_t key,
                              uint64_t recipient)
{
    uint32_t first = link_index_first(&life->links, key);

    if (first) /* mostly there is none */
        look_at_children(life, m, key, recipient, first);
}

/* m was delivered here to that recipient. What came back may have been accepted, and even
 * delivered, before the record of m's delivery was logged. */
static void delivered_here(struct lifecycle *life, struct message *m, const struct recipient *r)
{
    bool no_id = message_has(m, MESSAGE_NO_ID);
    uint64_t key = no_id ? link_key_of_sender(life, m, r->hash) : link_key(m, r->hash);

    m->flags |= MESSAGE_PARENT;
    if (link_alone_delivered(life, m, r))
        return;
    link_alone_index(life, m, r);
    look_for_children(life, m, link_key_of_return(key), r->hash);
    if (no_id) {
        if (m->sender)
            look_for_children(life, m, link_key_of_return(link_key_of_nobody(life, m, r->hash)),
                              r->hash);
        return;
    }
    if (relation_is_mailbox(life, r) && message_has(m, MESSAGE_HAS_SENDER))
        look_for_children(life, m, link_key_of_return(link_key_of_mailbox(life, m)), 0);
    look_for_children(life, m, link_key(m, 0), 0);
}

/* The same of its deliveries that were logged before its message-id or its sender. */
static void delivered_before(struct lifecycle *life, struct message *m)
{
    struct message_ref self = tracker_ref(m);

    for (uint16_t i = 0; (m = tracker_deref(life->tracker, self)) && i < m->recipient_count; i++)
        if (message_recipients(m)[i].flags & RECIPIENT_HERE)
            delivered_here(life, m, &message_recipients(m)[i]);
}

static void index_by_recipient(struct lifecycle *life, const struct message *c, uint64_t recipient,
                               uint64_t extra)
{
    lifecycle_index(life, c, link_key_of_return(relation_key(life, c, recipient)));
    if (extra)
        lifecycle_index(life, c, link_key_of_return(relation_key(life, c, extra)));
    if (!relation_came_without_id(c) && message_has(c, MESSAGE_HAS_SENDER))
        lifecycle_index(life, c, link_key_of_return(link_key_of_mailbox(life, c)));
}

void link_return_delivered(struct lifecycle *life, struct message *m, const struct recipient *r,
                           uint64_t extra, bool added)
{
    if (message_has(m, MESSAGE_RETURNED)) {
        if (added && m->parent.slot)
            link_make_for_added(life, m, r, extra);
    } else if (message_has(m, MESSAGE_CLAIMED)) {
        find_link(life, m, added ? r : NULL, extra);
        if (message_has(m, MESSAGE_CLAIMED) || !message_has(m, MESSAGE_HAS_SENDER))
            index_by_recipient(life, m, r->hash, extra);
    }
    if (r->flags & RECIPIENT_HERE)
        delivered_here(life, m, r);
}

/* Nothing else turned up: a filter that got its mail twice also gives it back twice, and of filters
 * in a row one may have taken what came of another. */
void link_return_waited(struct lifecycle *life, struct message *m)
{
    if (!message_has(m, MESSAGE_CLAIMED) || message_has(m, MESSAGE_RESOLVED) ||
        link_forgotten_is(m) || !m->recipient_count)
        return;
    struct link_finding found = link_search_parent(life, m, 0, true);
    if (found.parent)
        link_make(life, found.parent, m, found.origin, 0);
}

/* --- names ------------------------------------------------------------------------------------ */

void link_return_sender(struct lifecycle *life, struct message *m)
{
    if (message_has(m, MESSAGE_RETURNED))
        link_make_for_sender(life, m);
    if (message_has(m, MESSAGE_NO_ID))
        lifecycle_index(life, m, link_key_of_sender(life, m, 0));
    else if (message_has(m, MESSAGE_PARENT))
        lifecycle_index(life, m, link_key_of_mailbox(life, m));
    if (message_has(m, MESSAGE_PARENT) && message_has(m, MESSAGE_TRIED))
        delivered_before(life, m);
    if (!message_has(m, MESSAGE_CLAIMED) || !m->recipient_count)
        return;
    const struct recipient *first = &message_recipients(m)[0];
    uint64_t extra = relation_orig(life, first);
    bool no_id = relation_came_without_id(m);
    if (no_id)
        lifecycle_index(life, m, link_key_of_return(link_key_of_sender(life, m, first->hash)));
    if (no_id && extra)
        lifecycle_index(life, m, link_key_of_return(link_key_of_sender(life, m, extra)));
    /* Its deliveries came first, and did not tell without a sender. */
    find_link(life, m, no_id ? first : NULL, extra);
}

/* pipe(8) ends a command after that time: command_time_limit. */
enum { COMMAND_S = 1000 };

static bool is_in_delivery(const struct message *p)
{
    return p->state == MESSAGE_QUEUED && !message_has(p, MESSAGE_TRIED);
}

bool link_return_must_wait(struct lifecycle *life, struct message *m)
{
    uint64_t key = link_key(m, 0);

    if (!message_has(m, MESSAGE_CLAIMED) || message_has(m, MESSAGE_RESOLVED | MESSAGE_NO_ID) ||
        m->begun_s + COMMAND_S <= life->clock_s)
        return false;
    for (uint32_t at = link_index_first(&life->links, key); at;) {
        const struct message *p = link_search_other(life, m, key, &at);
        if (p && is_in_delivery(p) && p->message_id_hash == m->message_id_hash &&
            span_equal(intern_span(p->sender), intern_span(m->sender)) &&
            relation_may_be_parent(life, p, m))
            return true;
    }
    return false;
}

/* The first recipients, which tell where c came from, were delivered to before its message-id or
 * its acceptance was logged. */
static void look_again(struct lifecycle *life, struct message *c)
{
    enum { LOOK_MAX = 4 };

    for (uint16_t i = 0; i < c->recipient_count && i < LOOK_MAX; i++) {
        if (!message_has(c, MESSAGE_CLAIMED))
            return;
        const struct recipient *r = &message_recipients(c)[i];
        uint64_t extra = relation_orig(life, r);
        find_link(life, c, r, extra);
        if (message_has(c, MESSAGE_CLAIMED))
            index_by_recipient(life, c, r->hash, extra);
    }
}

static void claim(struct lifecycle *life, struct message *c)
{
    c->flags |= MESSAGE_CLAIMED;
    if (message_has(c, MESSAGE_RESOLVED))
        return;
    tracker_wait(life->tracker, c, life->clock_s);
    if (message_has(c, MESSAGE_TRIED))
        look_again(life, c);
}

/* m may have come of others with its message-id, or they of m. True if it may. Hardly any mail
 * shares it. */
__attribute__((noinline)) static bool meet_others(struct lifecycle *life, struct message *m,
                                                  uint64_t key)
{
    bool child = relation_may_be_child(m) && !relation_came_without_id(m), claimed = false;

    link_alone_end(life, m);
    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *o = link_search_other(life, m, key, &at);
        if (!o || o->message_id_hash != m->message_id_hash)
            continue;
        if (child && relation_may_claim(life, o, m)) {
            claimed = true;
            link_release_when_gone(o, m);
        }
        /* Two processes may log within the same second in either order. */
        if (relation_may_be_child(o) && !relation_came_without_id(o) &&
            relation_may_be_parent(life, m, o) &&
            (!message_has(o, MESSAGE_TRIED) || !message_has(o, MESSAGE_RESOLVED))) {
            o->flags &= (uint32_t) ~(
                message_has(o, MESSAGE_PICKED_UP) || o->is_near ? MESSAGE_RESOLVED : 0);
            claim(life, o);
        }
    }
    return claimed;
}

void link_return_named(struct lifecycle *life, struct message *m)
{
    bool claimed = false;

    if (!m->message_id_hash || !message_has(m, MESSAGE_BEGAN))
        return;
    if (message_has(m, MESSAGE_HAS_SENDER))
        link_return_sender(life, m);
    else if (message_has(m, MESSAGE_PARENT) && message_has(m, MESSAGE_TRIED))
        delivered_before(life, m);
    if (!message_has(m, MESSAGE_NO_ID)) {
        uint64_t key = link_key(m, 0);
        if (link_index_first(&life->links, key))
            claimed = meet_others(life, m, key);
        lifecycle_index(life, m, key);
    }
    link_fleet_named(life, m);
    if (!relation_may_be_child(m))
        return;
    /* Mail without a message-id may be anyone's until its first recipient is known. */
    bool without = relation_came_without_id(m), by_host = link_fleet_may_come(life, m);
    if (claimed || by_host || without ||
        (link_forgotten_may_be(life, m) && is_from_door(life, m)) || is_from_filter(life, m)) {
        claim(life, m);
        if (by_host)
            link_fleet_arrived(life, m);
    } else if ((message_has(m, MESSAGE_PICKED_UP) || m->is_near) &&
               !message_has(m, MESSAGE_RESOLVED)) {
        lifecycle_resolve(life, m, (enum origin)m->origin);
    }
}
