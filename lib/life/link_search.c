/* SPDX-License-Identifier: MIT */
#include "life/link_search.h"

#include "life/hops.h"
#include "life/link_keys.h"
#include "life/link_relation.h"

struct message *link_search_other(struct lifecycle *life, const struct message *m, uint64_t key,
                                  uint32_t *at)
{
    struct message *o = link_index_take(&life->links, life->tracker, key, at);

    return o && o != m && hosts_host(o->source) == hosts_host(m->source) ? o : NULL;
}

/* Prefers a filter's mail to forwarded mail, and newer to older. Without message-ids, two parents
 * may fit that belong to different people. One is taken, lest both hide behind each other; since it
 * is taken only once for each of its recipients, nobody is blamed for more than he sent. */
void link_search_look_at(struct lifecycle *life, struct message *p, struct message *c,
                         uint64_t extra, struct link_finding *found)
{
    enum origin origin = p ? relation_of(life, p, c, extra) : ORIGIN_NONE;
    bool between = p && origin == ORIGIN_NONE && relation_may_be_between(life, p, c, extra);

    origin = between ? ORIGIN_FILTER : origin;
    if (origin == ORIGIN_NONE || p == found->parent)
        return;
    if (between ||
        (origin == ORIGIN_FILTER && !found->again && relation_has_come_back(p, c, extra))) {
        struct message *d = found->parent ? NULL : relation_after(life, p, c);
        if (!d)
            return;
        found->after = d;
    }
    if (!found->parent || (found->origin == ORIGIN_FORWARD && origin == ORIGIN_FILTER)) {
        found->parent = p;
        found->origin = origin;
    }
}

static void look_up(struct lifecycle *life, struct message *c, uint64_t key, uint64_t extra,
                    struct link_finding *found)
{
    for (uint32_t at = link_index_first(&life->links, key); at;)
        link_search_look_at(life, link_search_other(life, c, key, &at), c, extra, found);
}

struct link_finding link_search_parent(struct lifecycle *life, struct message *c, uint64_t extra,
                                       bool again)
{
    struct link_finding found = {.origin = ORIGIN_NONE, .again = again};
    uint64_t first = c->recipient_count ? message_recipients(c)[0].hash : 0;
    uint64_t list = hops_hash_of_list(life->judge, c);

    look_up(life, c, link_key(c, first), extra, &found);
    if (extra)
        look_up(life, c, link_key(c, extra), extra, &found);
    if (!found.parent && message_has(c, MESSAGE_HAS_SENDER))
        look_up(life, c, link_key_of_mailbox(life, c), extra, &found);
    if (!found.parent && c->sender) /* it may be the mailbox that forwards */
        look_up(life, c, link_key(c, hash_nocase(intern_span(c->sender), life->tracker->seed)),
                extra, &found);
    if (!found.parent && list) /* however many batches before have pushed it out below */
        look_up(life, c, link_key(c, list), extra, &found);
    if (!found.parent)
        look_up(life, c, link_key(c, 0), extra, &found);
    if (!found.parent)
        look_up(life, c, link_key_of_sender(life, c, first), extra, &found);
    if (!found.parent && extra)
        look_up(life, c, link_key_of_sender(life, c, extra), extra, &found);
    return found;
}

bool link_search_without_id(struct lifecycle *life, struct message *c)
{
    uint64_t key = link_key_of_sender(life, c, 0);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        const struct message *p = link_search_other(life, c, key, &at);
        if (p && p->state != MESSAGE_GONE && message_has(p, MESSAGE_NO_ID) &&
            span_equal(intern_span(p->sender), intern_span(c->sender)) &&
            relation_may_be_parent(life, p, c))
            return true;
    }
    return false;
}
