/* SPDX-License-Identifier: MIT */
#include "life/early_links.h"

void early_links_forget(struct lifecycle *life, uint32_t at)
{
    intern_put(life->tracker->texts, life->early[at].client);
    intern_put(life->tracker->texts, life->early[at].account);
    life->early_count--;
    memmove(&life->early[at], &life->early[at + 1],
            (life->early_count - at) * sizeof(life->early[0]));
}

/* Each host has a clock of its own. */
static bool is_over(const struct lifecycle *life, const struct early_link *link)
{
    return hosts_ago(life->hosts, hosts_host(link->source), link->at_s) > EARLY_S;
}

void early_links_keep(struct lifecycle *life, struct early_link link)
{
    for (uint32_t i = life->early_count; i-- > 0;)
        if (is_over(life, &life->early[i]))
            early_links_forget(life, i);
    if (life->early_count == EARLY_MAX) {
        life->counters.early_over++;
        early_links_forget(life, 0);
    }
    link.at_s = life->clock_s;
    life->early[life->early_count++] = link;
}

const struct early_link *early_links_next(const struct lifecycle *life, const struct message *m,
                                          uint32_t *at)
{
    for (; *at < life->early_count; ++*at) {
        const struct early_link *link = &life->early[*at];
        bool names = queue_id_equal(link->child, m->id) || queue_id_equal(link->parent, m->id);
        if (names && hosts_host(link->source) == hosts_host(m->source) && !is_over(life, link))
            return link;
    }
    return NULL;
}

void early_links_done(struct lifecycle *life)
{
    while (life->early_count)
        early_links_forget(life, life->early_count - 1);
}
