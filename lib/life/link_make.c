/* SPDX-License-Identifier: MIT */
#include "life/link_make.h"

#include "life/hops.h"
#include "life/link_forgotten.h"
#include "life/link_keys.h"
#include "life/link_relation.h"

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

void link_make(struct lifecycle *life, struct message *p, struct message *c, enum origin origin,
               uint64_t extra)
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
    link_make(life, better, c, ORIGIN_FILTER, extra);
}

static bool is_better(struct lifecycle *life, struct message *p, struct message *c, uint64_t extra)
{
    struct message *before = tracker_deref(life->tracker, c->parent);

    return before && p != before && !relation_is_descendant(life, before, p) &&
           relation_of(life, p, c, extra) == ORIGIN_FILTER &&
           relation_matches(p, c, extra) > relation_known(before, c, extra);
}

bool link_make_better(struct lifecycle *life, struct message *p, struct message *c, uint64_t extra)
{
    if (!is_better(life, p, c, extra))
        return false;
    link_instead(life, p, c, extra);
    return true;
}

/* A filter's mail has a recipient that did not go in with what it was linked to. If mail of the
 * same message-id and sender went in for this one, too, it came of that. */
static bool find_better(struct lifecycle *life, struct message *c, const struct recipient *r,
                        uint64_t extra)
{
    uint64_t key = relation_key(life, c, r->hash);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *p = link_search_other(life, c, key, &at);
        if (p && link_make_better(life, p, c, extra))
            return true;
    }
    lifecycle_index(life, c, link_key_of_return(key)); /* its delivery may be logged later */
    return false;
}

/* c has another recipient after its link was found. Beyond what a mailbox forwards to, somebody
 * borrowed a message-id. What a filter adds, hops.c counts. */
void link_make_for_added(struct lifecycle *life, struct message *c, const struct recipient *r,
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

void link_make_found(struct lifecycle *life, struct message *c, const struct link_finding *found,
                     uint64_t extra)
{
    if (found->after) /* before c is judged */
        found_filter(life, c, found->after);
    link_make(life, found->parent, c, found->origin, extra);
    if (!found->after)
        return;
    c->whole = found->after->whole; /* it may have been counted */
    lifecycle_set_parent(life, found->after, c, ORIGIN_FILTER, "a message that came between");
    relation_set_come_back(c, found->after, 0, true);
}

/* Before its sender was known, c was linked to mail of the same message-id and recipient. If that
 * has another sender, it looks for another parent. Without a sender, nothing was judged yet. */
void link_make_for_sender(struct lifecycle *life, struct message *c)
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
