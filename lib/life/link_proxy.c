/* SPDX-License-Identifier: MIT */
/*
 * Before-queue filters (smtpd_proxy_filter): the front smtpd(8) passes mail through the filter to
 * an smtpd behind it and has no queue file of its own. It logs whose mail it is as "NOQUEUE:
 * client=", and when the filter has answered, "proxy-accept: ... queued as ID". A process handles
 * one message at a time, so the process ID joins the two.
 */
#include "life/link_proxy.h"

static struct proxied_client *slot_of(struct lifecycle *life, uint32_t pid)
{
    return &life->proxied[pid % PROXIED_MAX];
}

static void clear(struct lifecycle *life, struct proxied_client *proxied)
{
    intern_put(life->tracker->texts, proxied->client);
    intern_put(life->tracker->texts, proxied->account);
    *proxied = (struct proxied_client){0};
}

void link_proxy_done(struct lifecycle *life)
{
    for (uint32_t i = 0; i < PROXIED_MAX; i++)
        clear(life, &life->proxied[i]);
}

/* If two process IDs share a slot, the later client is kept. */
void link_proxy_client(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct proxied_client *proxied = slot_of(life, rec->pid);

    if (rec->pid == 0)
        return;
    clear(life, proxied);
    proxied->pid = rec->pid;
    proxied->source = source;
    proxied->client = intern_get(life->tracker->texts, rec->client);
    if (rec->account.len)
        proxied->account = intern_get(life->tracker->texts, rec->account);
}

void link_proxy_accepted(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct proxied_client *proxied = slot_of(life, rec->pid);
    struct message *m = lifecycle_find_on_host(life, source, rec->id);

    if (proxied->pid != rec->pid || hosts_host(proxied->source) != hosts_host(source) ||
        !proxied->client)
        return;
    /* The filter wrote the reply: believe it only of mail from this host of unknown origin. */
    if (m && message_has(m, MESSAGE_FROM_HERE) && m->origin != ORIGIN_ACCOUNT && !m->parent.slot &&
        !message_has(m, MESSAGE_RESOLVED))
        lifecycle_brought_by(life, m, proxied->client, proxied->account);
    else
        lifecycle_refuse_link(life, NULL, m,
                              "a filter's reply names mail that did not come from this host");
    clear(life, proxied);
}
