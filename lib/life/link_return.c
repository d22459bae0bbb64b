/* SPDX-License-Identifier: MIT */
#include "life/link_return.h"

#include "life/hops.h"
#include "life/link_relation.h"

enum { FORWARDS_MAX = 10 }; /* of one mailbox, if nothing more is known */

/* --- where others are found ------------------------------------------------------------------- */

/* The key by message-id. A recipient (0: none) distinguishes mail of a sender who uses the same
 * message-id again and again. */
static uint32_t key_of(const struct message *m, uint32_t recipient)
{
    uint64_t h = ((uint64_t)recipient << 32) ^ m->message_id_hash;

    return (uint32_t)hash_mix(h ^ hosts_host(m->source), HASH_ODD_1);
}

/* The key by sender and recipient, for mail without a message-id. */
static uint32_t key_of_sender(const struct lifecycle *life, const struct message *m,
                              uint32_t recipient)
{
    uint64_t h = hash_bytes(intern_span(m->sender), life->tracker->seed);

    return (uint32_t)hash_mix(h ^ ((uint64_t)recipient << 32 | hosts_host(m->source)), HASH_ODD_2);
}

/* The keys by message-id and sender: of mail that a mailbox took, and of mail that came back from
 * one. However much other mail has that message-id, it is found. */
static uint32_t key_of_mailbox(const struct lifecycle *life, const struct message *m)
{
    return key_of(m, 0) ^ (uint32_t)hash_bytes(intern_span(m->sender), ~life->tracker->seed);
}

static uint32_t key_of_forward(uint32_t key_of_its_mailbox)
{
    return ~key_of_its_mailbox;
}

/* The i-th newest message under that key; NULL if there is none, or if it is m. */
static struct message *other(struct lifecycle *life, const struct message *m, uint32_t key, int i)
{
    struct message *o = link_index_get(&life->links, life->tracker, key, i);

    return o && o != m && hosts_host(o->source) == hosts_host(m->source) ? o : NULL;
}

/* --- the decision ----------------------------------------------------------------------------- */

/* The best parent found so far. */
struct finding {
    struct message *parent;
    enum origin origin;
    bool doubtful; /* two fit, and belong to different people */
};

static bool is_strangers(const struct message *m)
{
    return message_has(m, MESSAGE_RESOLVED) && m->root == ORIGIN_OUTSIDE;
}

/* Prefers a filter's mail to forwarded mail, and newer to older. Without message-ids, two parents
 * that fit are doubtful, unless both belong to the same client and user, or both to strangers: a
 * stranger's mail must not become the filter's own because another one sent the same. */
static void look_at(struct lifecycle *life, struct message *p, struct message *c, uint32_t extra,
                    struct finding *found)
{
    enum origin origin = p ? relation_of(life, p, c, extra) : ORIGIN_NONE;

    if (origin == ORIGIN_NONE || p == found->parent)
        return;
    if (found->parent && message_has(p, MESSAGE_NO_ID) &&
        !(is_strangers(p) && is_strangers(found->parent)))
        found->doubtful |= p->client != found->parent->client || p->who != found->parent->who;
    if (!found->parent || (found->origin == ORIGIN_FORWARD && origin == ORIGIN_FILTER)) {
        found->parent = p;
        found->origin = origin;
    }
}

static void look_up(struct lifecycle *life, struct message *c, uint32_t key, uint32_t extra,
                    struct finding *found)
{
    for (int i = 0; i < LINK_WAYS; i++)
        look_at(life, other(life, c, key, i), c, extra, found);
}

static struct finding find_parent(struct lifecycle *life, struct message *c, uint32_t extra)
{
    struct finding found = {.origin = ORIGIN_NONE};
    uint32_t first = c->recipient_count ? message_recipients(c)[0].hash : 0;

    look_up(life, c, key_of(c, first), extra, &found);
    if (extra)
        look_up(life, c, key_of(c, extra), extra, &found);
    if (!found.parent && message_has(c, MESSAGE_HAS_SENDER))
        look_up(life, c, key_of_mailbox(life, c), extra, &found);
    if (!found.parent)
        look_up(life, c, key_of(c, 0), extra, &found);
    if (!found.parent)
        look_up(life, c, key_of_sender(life, c, first), extra, &found);
    if (!found.parent && extra)
        look_up(life, c, key_of_sender(life, c, extra), extra, &found);
    return found;
}

/* Mail that a mailbox forwards came for one of ours. */
static void mark_forwarded(struct message *c)
{
    for (uint16_t i = 0; i < c->recipient_count; i++) {
        struct recipient *r = &message_recipients(c)[i];
        if (r->class != CLASS_OURS)
            r->flags |= RECIPIENT_FORWARDED;
    }
}

/* A door that returns mail is a filter: delivery to it tells nothing about whose mail it is. */
static void found_filter(struct lifecycle *life, struct message *p, struct message *c)
{
    uint64_t before = site_generation(life->site);

    for (uint16_t i = 0; i < c->recipient_count; i++) {
        const struct recipient *r = relation_match(p, &message_recipients(c)[i]);
        if (r && r->door)
            site_door_returns(life->site, r->door);
    }
    if (site_generation(life->site) == before)
        return;
    for (uint16_t i = 0; i < c->recipient_count; i++)
        classifier_recipient_again(&life->judge->classifier, &message_recipients(c)[i]);
}

static void link_to(struct lifecycle *life, struct message *p, struct message *c,
                    enum origin origin)
{
    bool resolved = message_has(c, MESSAGE_RESOLVED);

    c->flags |= MESSAGE_RETURNED;
    lifecycle_set_parent(life, c, p, origin, "message-id and sender of a message delivered here");
    if (origin == ORIGIN_FORWARD)
        mark_forwarded(c);
    else
        found_filter(life, p, c);
    if (message_has(p, MESSAGE_NO_ID))
        message_add_forwards(p, c->recipient_count);
    else if (origin == ORIGIN_FORWARD && !hops_is_list(life->judge, p, c))
        hops_add(life->judge, p, c->recipient_count);
    if (!resolved && !lifecycle_inherit(life, c))
        tracker_wait(life->tracker, c, life->clock_s);
}

/* Whether a mailbox or a list forwards c to its latest recipient, too. */
static bool may_forward(struct lifecycle *life, struct message *p, struct message *c)
{
    if (hops_is_list(life->judge, p, c))
        return true;
    if (!p) /* it is forgotten */
        return c->recipient_count <= FORWARDS_MAX;
    if (!hops_may_add(life->judge, p, 1))
        return false;
    hops_add(life->judge, p, 1);
    return true;
}

/* c has another recipient after its link was found. Beyond what a mailbox forwards to, somebody
 * borrowed a message-id. What a filter adds, hops.c counts. */
static void check_added(struct lifecycle *life, struct message *c)
{
    struct message *p = tracker_deref(life->tracker, c->parent);

    if (c->origin != ORIGIN_FORWARD) {
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

/* A message is still there that c may have come from, without a message-id and under the same
 * sender: its own deliveries will tell. */
static bool may_have_come_back(struct lifecycle *life, const struct message *c)
{
    for (int i = 0; i < LINK_WAYS; i++) {
        const struct message *p = other(life, c, key_of_sender(life, c, 0), i);
        if (p && p->state != MESSAGE_GONE && relation_may_be_parent(life, p, c))
            return true;
    }
    return false;
}

/* Looks for the message, delivered already, that c came from. */
static void find_link(struct lifecycle *life, struct message *c, uint32_t extra)
{
    struct finding found = find_parent(life, c, extra);

    if (found.doubtful) {
        lifecycle_refuse_link(life, found.parent, c, "no message-id, and two messages fit");
        c->flags &= (uint32_t)~MESSAGE_CLAIMED;
        lifecycle_resolve(life, c, ORIGIN_UNKNOWN); /* it is one of theirs, not a user's here */
    } else if (found.parent) {
        link_to(life, found.parent, c, found.origin);
    } else if (relation_came_without_id(c) && message_has(c, MESSAGE_PICKED_UP) &&
               message_has(c, MESSAGE_HAS_SENDER) && !may_have_come_back(life, c)) {
        c->flags &= (uint32_t)~MESSAGE_CLAIMED;
        lifecycle_resolve(life, c, ORIGIN_LOCAL);
    }
}

/* recipient: the child's to= or orig_to= that is part of the key, or 0. */
static void look_for_children(struct lifecycle *life, struct message *m, uint32_t key,
                              uint32_t recipient)
{
    for (int i = 0; i < LINK_WAYS; i++) {
        struct message *c = other(life, m, key, i);
        enum origin origin =
            c && message_has(c, MESSAGE_CLAIMED) ? relation_of(life, m, c, recipient) : ORIGIN_NONE;
        if (origin != ORIGIN_NONE)
            link_to(life, m, c, origin);
    }
}

/* m was delivered here to that recipient. What came back may have been accepted, and even
 * delivered, before the record of m's delivery was logged. */
static void delivered_here(struct lifecycle *life, struct message *m, const struct recipient *r)
{
    bool no_id = message_has(m, MESSAGE_NO_ID);
    uint32_t key = no_id ? key_of_sender(life, m, r->hash) : key_of(m, r->hash);

    m->flags |= MESSAGE_PARENT;
    lifecycle_index(life, m, key);
    look_for_children(life, m, key, r->hash);
    if (no_id)
        return;
    if (relation_is_mailbox(life, r) && message_has(m, MESSAGE_HAS_SENDER)) {
        key = key_of_mailbox(life, m);
        lifecycle_index(life, m, key);
        look_for_children(life, m, key_of_forward(key), 0);
    }
    look_for_children(life, m, key_of(m, 0), 0);
}

static void index_by_recipient(struct lifecycle *life, const struct message *c, uint32_t recipient)
{
    bool no_id = relation_came_without_id(c);

    lifecycle_index(life, c, no_id ? key_of_sender(life, c, recipient) : key_of(c, recipient));
    if (!no_id && message_has(c, MESSAGE_HAS_SENDER))
        lifecycle_index(life, c, key_of_forward(key_of_mailbox(life, c)));
}

void link_return_delivered(struct lifecycle *life, struct message *m, const struct recipient *r,
                           uint32_t extra, bool added)
{
    if (message_has(m, MESSAGE_RETURNED)) {
        if (added && m->parent.slot)
            check_added(life, m);
    } else if (message_has(m, MESSAGE_CLAIMED)) {
        find_link(life, m, extra);
        if (message_has(m, MESSAGE_CLAIMED)) {
            index_by_recipient(life, m, r->hash);
            if (extra)
                index_by_recipient(life, m, extra);
        }
    }
    if (r->flags & RECIPIENT_HERE)
        delivered_here(life, m, r);
}

/* --- names ------------------------------------------------------------------------------------ */

void link_return_sender(struct lifecycle *life, struct message *m)
{
    if (message_has(m, MESSAGE_NO_ID))
        lifecycle_index(life, m, key_of_sender(life, m, 0));
    else if (message_has(m, MESSAGE_PARENT))
        lifecycle_index(life, m, key_of_mailbox(life, m));
    if (!message_has(m, MESSAGE_CLAIMED) || !m->recipient_count)
        return;
    if (relation_came_without_id(m))
        lifecycle_index(life, m, key_of_sender(life, m, message_recipients(m)[0].hash));
    find_link(life, m, 0); /* its deliveries came first, and did not tell without a sender */
}

static void claim(struct lifecycle *life, struct message *c)
{
    c->flags |= MESSAGE_CLAIMED;
    if (!message_has(c, MESSAGE_RESOLVED))
        tracker_wait(life->tracker, c, life->clock_s);
}

void link_return_named(struct lifecycle *life, struct message *m)
{
    bool claimed = false;

    if (!message_has(m, MESSAGE_HAS_ID_TEXT) || !message_has(m, MESSAGE_BEGAN))
        return;
    uint32_t key = key_of(m, 0);
    if (message_has(m, MESSAGE_HAS_SENDER))
        link_return_sender(life, m);
    /* Mail without a message-id may be anyone's until its first recipient is known. */
    bool child = relation_may_be_child(m), without = relation_came_without_id(m);
    for (int i = 0; i < LINK_WAYS && !message_has(m, MESSAGE_NO_ID); i++) {
        struct message *o = other(life, m, key, i);
        if (!o)
            continue;
        claimed |= child && !without && relation_may_be_parent(life, o, m);
        /* Two processes may log within the same second in either order. */
        if (relation_may_be_child(o) && !relation_came_without_id(o) &&
            relation_may_be_parent(life, m, o) && !message_has(o, MESSAGE_TRIED)) {
            o->flags &= (uint32_t) ~(message_has(o, MESSAGE_PICKED_UP) ? MESSAGE_RESOLVED : 0);
            claim(life, o);
        }
    }
    if (!message_has(m, MESSAGE_NO_ID))
        lifecycle_index(life, m, key);
    if (claimed || (child && without))
        claim(life, m);
    else if (child && message_has(m, MESSAGE_PICKED_UP) && !message_has(m, MESSAGE_RESOLVED))
        lifecycle_resolve(life, m, ORIGIN_LOCAL);
}
