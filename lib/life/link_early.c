/* SPDX-License-Identifier: MIT */
#include "life/link_early.h"

#include "life/lifecycle_state.h"
#include "life/link_fleet.h"
#include "life/link_hop.h"
#include "life/link_proxy.h"
#include "life/own_names.h"

void link_early_set_notice(struct lifecycle *life, struct message *c, struct message *m,
                           enum notice notice)
{
    c->cause = (uint8_t)classifier_notice_cause(m, notice);
    m->last_s = life->now_s;
    c->who = intern_ref(m->sender);
    lifecycle_set_parent(life, c, m, ORIGIN_BOUNCE, "notification");
    own_names_of_id(life, c);
    link_fleet_began(life, c);
    lifecycle_inherit(life, c);
}

static bool link_notice(struct lifecycle *life, const struct early_link *link)
{
    struct message *m = tracker_find(life->tracker, link->source, link->parent);
    struct message *c = tracker_find(life->tracker, link->source, link->child);

    if (!m)
        return false;
    if (c && c->origin == ORIGIN_BOUNCE && !c->parent.slot && !message_has(c, MESSAGE_RESOLVED)) {
        life->counters.children--; /* it was counted when it was named */
        link_early_set_notice(life, c, m, (enum notice)link->notice);
    }
    return true;
}

static bool link_orig(struct lifecycle *life, const struct early_link *link)
{
    struct message *m = lifecycle_find_on_host(life, link->source, link->parent);
    struct message *c = tracker_find(life->tracker, link->source, link->child);

    if (!m)
        return false;
    if (c && c != m && !c->parent.slot && !message_has(c, MESSAGE_RESOLVED)) {
        lifecycle_set_parent(life, c, m, ORIGIN_FILTER, "orig_queue_id=");
        lifecycle_inherit(life, c);
    }
    return true;
}

static bool hold(struct lifecycle *life, const struct early_link *link)
{
    struct message *m = tracker_find(life->tracker, link->source, link->parent);

    if (m && m->state == MESSAGE_NEW)
        lifecycle_go_to(life, m, link->source, link->parent, LIFECYCLE_HOLD);
    return m != NULL;
}

static bool make(struct lifecycle *life, const struct early_link *link)
{
    switch (link->kind) {
    case EARLY_FRONT:
        return link_proxy_again(life, link);
    case EARLY_ORIG:
        return link_orig(life, link);
    case EARLY_NOTICE:
        return link_notice(life, link);
    case EARLY_HOLD:
        return hold(life, link);
    default:
        return link_hop_again(life, link);
    }
}

void link_early_look(struct lifecycle *life, const struct message *m)
{
    struct message_ref self = tracker_ref(m);
    uint32_t at = 0;

    /* What is made keeps no further ones. */
    while ((m = tracker_deref(life->tracker, self)) && early_links_next(life, m, &at)) {
        if (!make(life, &life->early[at])) {
            at++;
            continue;
        }
        early_links_forget(life, at);
        at = 0; /* another one may have waited for it */
    }
}
