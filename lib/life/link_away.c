/* SPDX-License-Identifier: MIT */
#include "life/link_away.h"

#include "life/link_keys.h"
#include "life/link_search.h"

static bool is_from_afar(const struct message *c)
{
    return !c->is_near && !c->is_named &&
           !message_has(c, MESSAGE_FROM_HERE | MESSAGE_PICKED_UP | MESSAGE_NO_ID);
}

/* It may have come back, or some of it is known to have. */
static bool may_be_child(const struct message *c)
{
    return is_from_afar(c) &&
           (message_has(c, MESSAGE_RETURNED) ? c->parent.slot != 0
                                             : c->origin == ORIGIN_OUTSIDE && !c->parent.slot);
}

/* Somebody here sent it. What has come back from afar is no parent, lest a stranger send the same
 * again and again. */
static bool is_ours(const struct message *p)
{
    return message_has(p, MESSAGE_RESOLVED) && p->root != ORIGIN_OUTSIDE &&
           p->root != ORIGIN_UNKNOWN && !(message_has(p, MESSAGE_RETURNED) && is_from_afar(p));
}

/* The recipient of p that has left, and comes back with c for the first time. */
static struct recipient *recipient_of(struct message *p, const struct message *c, uint64_t hash)
{
    if (!is_ours(p) || p->message_id_hash != c->message_id_hash || p->begun_s > c->begun_s ||
        !message_has(p, MESSAGE_HAS_SENDER) || !message_has(c, MESSAGE_HAS_SENDER) ||
        !span_equal(intern_span(p->sender), intern_span(c->sender)))
        return NULL;
    struct recipient *r = tracker_recipient(p, hash);
    return r && r->flags & RECIPIENT_LEFT && r->status == STATUS_SENT && !r->came_back ? r : NULL;
}

static void come_back(struct lifecycle *life, struct message *p, struct message *c)
{
    c->flags &= (uint32_t)~MESSAGE_RESOLVED;
    c->flags |= MESSAGE_RETURNED;
    lifecycle_set_parent(life, c, p, ORIGIN_FILTER, "it had left, and came back from elsewhere");
    lifecycle_inherit(life, c);
}

void link_away_delivered(struct lifecycle *life, struct message *c, const struct recipient *r)
{
    uint64_t key = link_key(c, 0);

    if (r->class == CLASS_OURS || r->flags & RECIPIENT_JUDGED || !may_be_child(c))
        return;
    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *p = link_search_other(life, c, key, &at);
        bool other = p && c->parent.slot && !lifecycle_is_child_of(c, tracker_ref(p));
        struct recipient *left = p && !other ? recipient_of(p, c, r->hash) : NULL;
        if (!left)
            continue;
        left->came_back = true;
        if (!c->parent.slot)
            come_back(life, p, c);
        return;
    }
}
