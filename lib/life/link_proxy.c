/* SPDX-License-Identifier: MIT */
/*
 * Before-queue filters (smtpd_proxy_filter): the front smtpd(8) passes mail through the filter to
 * an smtpd behind it and has no queue file of its own. It logs whose mail it is as "NOQUEUE:
 * client=", and when the filter has answered, "proxy-accept: ... queued as ID". A process handles
 * one message at a time, so the process ID joins the two.
 */
#include "life/link_proxy.h"

#include "life/early_links.h"
#include "life/lifecycle_state.h"
#include "life/link_fleet.h"
#include "life/link_keys.h"

enum { SETS = PROXIED_MAX / PROXIED_WAYS };

static struct proxied_client *set_of(struct lifecycle *life, uint32_t pid)
{
    return &life->proxied[pid % SETS * PROXIED_WAYS];
}

/* The position in the set, PROXIED_WAYS if it isn't there. */
static uint32_t find(const struct proxied_client *set, uint32_t pid, uint16_t source)
{
    uint32_t i = 0;

    while (i < PROXIED_WAYS &&
           (set[i].pid != pid || hosts_host(set[i].source) != hosts_host(source)))
        i++;
    return i;
}

/* The others move up, so that they stay in order. */
static void take_out(struct lifecycle *life, struct proxied_client *set, uint32_t at)
{
    intern_put(life->tracker->texts, set[at].client);
    intern_put(life->tracker->texts, set[at].account);
    memmove(&set[at], &set[at + 1], (PROXIED_WAYS - 1 - at) * sizeof(*set));
    set[PROXIED_WAYS - 1] = (struct proxied_client){0};
}

void link_proxy_done(struct lifecycle *life)
{
    for (uint32_t i = 0; i < PROXIED_MAX; i++) {
        intern_put(life->tracker->texts, life->proxied[i].client);
        intern_put(life->tracker->texts, life->proxied[i].account);
        life->proxied[i] = (struct proxied_client){0};
    }
}

/* Where more processes share a set than it holds, the oldest client is forgotten. */
void link_proxy_client(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct proxied_client *set = set_of(life, rec->pid);
    uint32_t at = find(set, rec->pid, source);

    if (rec->pid == 0)
        return;
    if (at == PROXIED_WAYS && set[--at].pid)
        life->counters.proxied_over++;
    take_out(life, set, at);
    memmove(&set[1], &set[0], (PROXIED_WAYS - 1) * sizeof(*set));
    set[0] = (struct proxied_client){
        .pid = rec->pid, .source = source, .client = intern_get(life->tracker->texts, rec->client)};
    if (rec->account.len)
        set[0].account = intern_get(life->tracker->texts, rec->account);
    life->hosts->host[hosts_host(source)].fronts |= HOST_PROXIES;
}

static bool may_be_of(const struct message *m)
{
    return message_has(m, MESSAGE_FROM_HERE) && m->origin != ORIGIN_ACCOUNT && !m->parent.slot &&
           !message_has(m, MESSAGE_RESOLVED);
}

/* The filter's reply names no ID (Proxmox Mail Gateway): the latest mail that it has brought in the
 * client's name. */
static struct message *find_named(struct lifecycle *life, uint16_t source,
                                  const struct proxied_client *proxied)
{
    uint64_t key = link_key_of_client(life, proxied->client, source);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *m = link_index_take(&life->links, life->tracker, key, &at);
        if (m && hosts_host(m->source) == hosts_host(source) && m->client == proxied->client &&
            may_be_of(m))
            return m;
    }
    return NULL;
}

/* The filter wrote the reply: believe it only of mail from this host of unknown origin. */
static void bring(struct lifecycle *life, struct message *m, bool named, struct intern *client,
                  struct intern *account)
{
    if (m && may_be_of(m)) {
        if (m->is_named)
            lifecycle_front_seen(life, m);
        lifecycle_brought_by(life, m, client, account);
        if (!account && m->message_id_hash)
            link_fleet_named(life, m); /* the client may be another host of this log */
    } else if (named) {
        lifecycle_refuse_link(life, NULL, m,
                              "a filter's reply names mail that did not come from this host");
    }
}

void link_proxy_accepted(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct proxied_client *set = set_of(life, rec->pid);
    uint32_t at = find(set, rec->pid, source);
    bool named = queue_id_is_set(rec->id);

    if (at == PROXIED_WAYS || !set[at].client)
        return;
    struct message *m =
        named ? lifecycle_find_on_host(life, source, rec->id) : find_named(life, source, &set[at]);
    if (named && (!m || m->origin == ORIGIN_NONE))
        early_links_keep(life, (struct early_link){.kind = EARLY_FRONT,
                                                   .source = source,
                                                   .child = rec->id,
                                                   .client = intern_ref(set[at].client),
                                                   .account = intern_ref(set[at].account)});
    else
        bring(life, m, named, set[at].client, set[at].account);
    take_out(life, set, at);
}

bool link_proxy_again(struct lifecycle *life, const struct early_link *link)
{
    struct message *m = lifecycle_find_on_host(life, link->source, link->child);

    if (!m || m->origin == ORIGIN_NONE)
        return false;
    bring(life, m, true, link->client, link->account);
    return true;
}
