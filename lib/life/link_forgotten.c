/* SPDX-License-Identifier: MIT */
#include "life/link_forgotten.h"

#include "life/hops.h"
#include "life/link_keys.h"
#include "life/link_relation.h"

enum { BCC_MAX = 2 }; /* always_bcc, and one of recipient_bcc_maps or sender_bcc_maps */

bool link_forgotten_may_be(const struct lifecycle *life, const struct message *c)
{
    return link_index_gone(&life->links, life->tracker, link_key(c, 0)) != 0;
}

/* Mail that went in for that recipient is forgotten. Each is asked for once. */
static bool take(struct lifecycle *life, const struct message *c, uint64_t recipient)
{
    uint64_t key = relation_key(life, c, recipient);
    uint32_t position = link_index_gone(&life->links, life->tracker, key);

    if (position)
        link_index_drop(&life->links, position);
    return position != 0;
}

static void blame_bringer(struct lifecycle *life, struct message *c)
{
    life->counters.lost_returns--;
    lifecycle_refuse_link(life, NULL, c, "more recipients than a filter adds");
    c->flags |= MESSAGE_RETURNED; /* never again */
    c->flags &= (uint32_t)~MESSAGE_CLAIMED;
    c->origin = (uint8_t)hops_own_origin(life->judge, c);
    lifecycle_resolve(life, c, (enum origin)c->origin);
}

void link_forgotten_look(struct lifecycle *life, struct message *c, const struct recipient *r,
                         uint64_t extra)
{
    if (relation_came_without_id(c) && !message_has(c, MESSAGE_HAS_SENDER))
        return;
    bool is = link_forgotten_is(c);
    bool found = take(life, c, r->hash) || (extra && take(life, c, extra));
    if (found && c->is_named) { /* the filter has told whose it is */
        c->flags &= (uint32_t)~MESSAGE_CLAIMED;
        if (!message_has(c, MESSAGE_RESOLVED))
            lifecycle_resolve(life, c, (enum origin)c->origin);
    } else if (found && !is) {
        life->counters.lost_returns++;
        c->origin = ORIGIN_FILTER;
    } else if (!found && is && r->class != CLASS_OURS && !(r->flags & RECIPIENT_FORWARDED)) {
        message_add_forwards(c, 1);
        if (c->forwards > BCC_MAX)
            blame_bringer(life, c);
    }
}
