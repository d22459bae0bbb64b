/* SPDX-License-Identifier: MIT */
#include "life/link_release.h"

#include "life/link_keys.h"
#include "life/link_relation.h"
#include "life/link_search.h"
#include "site/site_doors.h"

/* Another one may have given c. Of a mail that passes many filters, or is forwarded through them
 * again, the key no longer holds those that came first: then it may be one of them. */
static bool may_have_another(struct lifecycle *life, const struct message *c, uint64_t key)
{
    int seen = 0;

    for (uint32_t at = link_index_first(&life->links, key); at; seen++) {
        struct message *o = link_search_other(life, c, key, &at);
        if (o && o->message_id_hash == c->message_id_hash && relation_may_claim(life, o, c))
            return true;
    }
    return seen >= LINK_WAYS;
}

/* A machine near by that mail was handed to may also bring what is known otherwise. */
static bool waits(const struct lifecycle *life, const struct message *c)
{
    return c->is_near && message_has(c, MESSAGE_CLAIMED) &&
           !message_has(c, MESSAGE_RESOLVED | MESSAGE_RETURNED) &&
           !site_has_door_at(life->site, client_address(intern_span(c->client)));
}

void link_release(struct lifecycle *life, struct message *o)
{
    uint64_t key = link_key(o, 0);

    /* A delivery may be logged after the end. */
    if (!message_has(o, MESSAGE_PARENT) || !message_has(o, MESSAGE_TRIED) ||
        !message_has(o, MESSAGE_SHARES_ID))
        return;
    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *c = link_search_other(life, o, key, &at);
        if (!c || c->message_id_hash != o->message_id_hash || !waits(life, c) ||
            may_have_another(life, c, key))
            continue;
        c->flags &= (uint32_t)~MESSAGE_CLAIMED;
        lifecycle_resolve(life, c, (enum origin)c->origin);
    }
}
