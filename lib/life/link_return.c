/* SPDX-License-Identifier: MIT */
#include "life/link_return.h"

#include "life/hops.h"
#include "life/link_alone.h"
#include "life/link_fleet.h"
#include "life/link_forgotten.h"
#include "life/link_keys.h"
#include "life/link_relation.h"
#include "life/link_release.h"
#include "life/link_search.h"
#include "site/site_doors.h"

enum { FORWARDS_MAX = 10 }; /* of one mailbox, if nothing more is known */

/* Mail that a mailbox forwards came for one of ours. */
static void mark_forwarded(struct message *c)
{
    for (uint16_t i = 0; i < c->recipient_count; i++) {
        struct recipient *r = &message_recipients(c)[i];
        if (r->class != CLASS_OURS)
            r->flags |= RECIPIENT_FORWARDED;
    }
}

/* A door that returns mail is a filter: delivery to it tells nothing about whose mail it is, and is
 * none. */
static void found_filter(struct lifecycle *life, struct message *p, struct message *c)
{
    uint64_t before = site_generation(life->site);

    for (uint16_t i = 0; i < c->recipient_count; i++) {
        struct recipient *r = relation_match(p, &message_recipients(c)[i]);
        if (r && !(r->flags & RECIPIENT_JUDGED))
            r->flags |= RECIPIENT_HANDED;
        if (r)
            relation_gave_back(life, p, c, r);
    }
    if (site_generation(life->site) == before)
        return;
    for (uint16_t i = 0; i < c->recipient_count; i++)
        classifier_recipient_again(&life->judge->classifier, &message_recipients(c)[i]);
}

static void link_to(struct lifecycle *life, struct message *p, struct message *c,
                    enum origin origin, uint64_t extra)
{
    bool resolved = message_has(c, MESSAGE_RESOLVED);

    life->counters.lost_returns -= link_forgotten_is(c);
    c->flags |= MESSAGE_RETURNED;
    lifecycle_set_parent(life, c, p, origin, "message-id and sender of a message delivered here");
    if (origin == ORIGIN_FORWARD)
        mark_forwarded(c);
    else
        found_filter(life, p, c);
    if (origin == ORIGIN_FILTER && message_has(c, MESSAGE_HAS_SENDER))
        relation_set_come_back(p, c, extra, true);
    if (message_has(p, MESSAGE_NO_ID))
        message_add_forwards(p, c->recipient_count);
    else if (origin == ORIGIN_FORWARD && hops_list_of(life->judge, p, c) != HOPS_LIST)
        hops_add(life->judge, p, c->recipient_count);
    if (!resolved && !lifecycle_inherit(life, c))
        tracker_wait(life->tracker, c, life->clock_s);
}

/* Whether a mailbox or a list forwards c to its latest recipient, too. */
static bool may_forward(struct lifecycle *life, struct message *p, struct message *c)
{
    if (hops_list_of(life->judge, p, c) == HOPS_LIST)
        return true;
    if (!p) /* it is forgotten */
        return c->recipient_count <= FORWARDS_MAX;
    if (!hops_may_add(life->judge, p, 1))
        return false;
    hops_add(life->judge, p, 1);
    return true;
}

static uint64_t key_by_recipient(const struct lifecycle *life, const struct message *c,
                                 uint64_t recipient)
{
    return relation_came_without_id(c) ? link_key_of_sender(life, c, recipient)
                                       : link_key(c, recipient);
}

/* c came of better, and not of the mail that it was linked to. */
static void link_instead(struct lifecycle *life, struct message *better, struct message *c,
                         uint64_t extra)
{
    struct message *p = tracker_deref(life->tracker, c->parent);

    lifecycle_refuse_link(life, p, c, "another message had more of its recipients");
    if (p)
        relation_set_come_back(p, c, 0, false);
    if (p && message_has(p, MESSAGE_NO_ID)) /* all but the latest were counted */
        p->forwards -= p->forwards < c->recipient_count ? p->forwards : c->recipient_count - 1u;
    lifecycle_loosen(life, c);
    c->flags &= (uint32_t)~MESSAGE_RESOLVED;
    link_to(life, better, c, ORIGIN_FILTER, extra);
}

static bool is_better(struct lifecycle *life, struct message *p, struct message *c, uint64_t extra)
{
    struct message *before = tracker_deref(life->tracker, c->parent);

    return before && p != before && !relation_is_descendant(life, before, p) &&
           relation_of(life, p, c, extra) == ORIGIN_FILTER &&
           relation_matches(p, c, extra) > relation_known(before, c, extra);
}

/* A filter's mail has a recipient that did not go in with what it was linked to. If mail of the
 * same message-id and sender went in for this one, too, it came of that. */
static bool find_better(struct lifecycle *life, struct message *c, const struct recipient *r,
                        uint64_t extra)
{
    uint64_t key = key_by_recipient(life, c, r->hash);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *p = link_search_other(life, c, key, &at);
        if (!p || !is_better(life, p, c, extra))
            continue;
        link_instead(life, p, c, extra);
        return true;
    }
    lifecycle_index(life, c, link_key_of_return(key)); /* its delivery may be logged later */
    return false;
}

/* c has another recipient after its link was found. Beyond what a mailbox forwards to, somebody
 * borrowed a message-id. What a filter adds, hops.c counts. */
static void check_added(struct lifecycle *life, struct message *c, const struct recipient *r,
                        uint64_t extra)
{
    struct message *p = tracker_deref(life->tracker, c->parent);

    if (c->origin != ORIGIN_FORWARD) {
        if (p && !tracker_recipient(p, r->hash) && find_better(life, c, r, extra))
            return;
        if (p)
            relation_set_come_back(p, c, extra, true);
        if (p && message_has(p, MESSAGE_NO_ID))
            message_add_forwards(p, 1);
        return;
    }
    if (may_forward(life, p, c)) {
        mark_forwarded(c);
        return;
    }
    lifecycle_refuse_link(life, p, c, "more recipients than a mailbox here forwards to");
    for (uint16_t i = 0; i < c->recipient_count; i++)
        if (!(message_recipients(c)[i].flags & RECIPIENT_JUDGED))
            message_recipients(c)[i].flags &= (uint8_t)~RECIPIENT_FORWARDED;
    lifecycle_unlink(life, c);
}

static void link_found(struct lifecycle *life, struct message *c, const struct link_finding *found,
                       uint64_t extra)
{
    if (found->after) /* before c is judged */
        found_filter(life, c, found->after);
    link_to(life, found->parent, c, found->origin, extra);
    if (!found->after)
        return;
    c->whole = found->after->whole; /* it may have been counted */
    lifecycle_set_parent(life, found->after, c, ORIGIN_FILTER, "a message that came between");
    relation_set_come_back(c, found->after, 0, true);
}

/* Whether mail was handed to where m came from, or may have been, behind a balancer's address, so
 * that what it brings may be known by more than its message-id. */
static bool is_from_door(const struct lifecycle *life, const struct message *m)
{
    return !m->is_near || site_has_door_at(life->site, client_address(intern_span(m->client))) ||
           site_has_door_near_by_smtp(life->site);
}

/* Looks for the message, delivered already, that c came from. r: the latest recipient, or NULL if
 * it is not new. */
static void find_link(struct lifecycle *life, struct message *c, const struct recipient *r,
                      uint64_t extra)
{
    struct link_finding found = link_search_parent(life, c, extra, false);

    if (found.parent)
        link_found(life, c, &found, extra);
    else if (r)
        link_forgotten_look(life, c, r, extra);
    if (message_has(c, MESSAGE_CLAIMED) && relation_came_without_id(c) &&
        (message_has(c, MESSAGE_PICKED_UP) || !is_from_door(life, c)) &&
        message_has(c, MESSAGE_HAS_SENDER) && !link_forgotten_is(c) &&
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
            link_found(life, c, &found, recipient);
        else if (c && message_has(c, MESSAGE_RETURNED) && c->origin == ORIGIN_FILTER &&
                 is_better(life, m, c, 0))
            link_instead(life, m, c, 0);
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
    lifecycle_index(life, c, link_key_of_return(key_by_recipient(life, c, recipient)));
    if (extra)
        lifecycle_index(life, c, link_key_of_return(key_by_recipient(life, c, extra)));
    if (!relation_came_without_id(c) && message_has(c, MESSAGE_HAS_SENDER))
        lifecycle_index(life, c, link_key_of_return(link_key_of_mailbox(life, c)));
}

void link_return_delivered(struct lifecycle *life, struct message *m, const struct recipient *r,
                           uint64_t extra, bool added)
{
    if (message_has(m, MESSAGE_RETURNED)) {
        if (added && m->parent.slot)
            check_added(life, m, r, extra);
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
        link_to(life, found.parent, m, found.origin, 0);
}

/* --- names ------------------------------------------------------------------------------------ */

/* Before its sender was known, c was linked to mail of the same message-id and recipient. If that
 * has another sender, it looks for another parent. Without a sender, nothing was judged yet. */
static void check_sender(struct lifecycle *life, struct message *c)
{
    struct message *p = tracker_deref(life->tracker, c->parent);
    bool picked_up = message_has(c, MESSAGE_PICKED_UP);

    if (!p || c->origin != ORIGIN_FILTER)
        return;
    if (!message_has(p, MESSAGE_HAS_SENDER) ||
        span_equal(intern_span(p->sender), intern_span(c->sender))) {
        relation_set_come_back(p, c, 0, true);
        return;
    }
    lifecycle_refuse_link(life, p, c, "it has another sender");
    lifecycle_loosen(life, c);
    c->origin = picked_up ? ORIGIN_LOCAL : ORIGIN_TRUSTED;
    c->flags &= (uint32_t) ~(MESSAGE_RETURNED | MESSAGE_RESOLVED);
    c->flags |= MESSAGE_CLAIMED;
    tracker_wait(life->tracker, c, life->clock_s);
}

void link_return_sender(struct lifecycle *life, struct message *m)
{
    if (message_has(m, MESSAGE_RETURNED))
        check_sender(life, m);
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

bool link_return_must_wait(struct lifecycle *life, const struct message *m)
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
        (link_forgotten_may_be(life, m) && is_from_door(life, m))) {
        claim(life, m);
        if (by_host)
            link_fleet_arrived(life, m);
    } else if ((message_has(m, MESSAGE_PICKED_UP) || m->is_near) &&
               !message_has(m, MESSAGE_RESOLVED)) {
        lifecycle_resolve(life, m, (enum origin)m->origin);
    }
}
