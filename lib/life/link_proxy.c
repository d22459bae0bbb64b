/* SPDX-License-Identifier: MIT */
/*
 * Before-queue filters (smtpd_proxy_filter): the front smtpd(8) passes mail through the filter to
 * an smtpd behind it and has no queue file of its own. It logs whose mail it is as "NOQUEUE:
 * client=", and once the filter has answered "proxy-accept: ... queued as ID": one process, one
 * message at a time.
 */
#include "life/lifecycle_internal.h"

static struct life_proxied *slot_of(struct life *life, uint32_t pid)
{
    return &life->proxied[pid % LIFE_PROXIED];
}

static void clear(struct life *life, struct life_proxied *proxied)
{
    text_put(life->tracker->texts, proxied->client);
    text_put(life->tracker->texts, proxied->account);
    *proxied = (struct life_proxied){0};
}

void life_proxy_done(struct life *life)
{
    for (uint32_t i = 0; i < LIFE_PROXIED; i++)
        clear(life, &life->proxied[i]);
}

/* Of two processes whose numbers fall together, the later one's client is kept. */
void life_proxy_client(struct life *life, uint16_t source, const struct record *rec)
{
    struct life_proxied *proxied = slot_of(life, rec->pid);

    if (rec->pid == 0)
        return;
    clear(life, proxied);
    proxied->pid = rec->pid;
    proxied->source = source;
    proxied->client = text_get(life->tracker->texts, rec->client);
    if (rec->account.len)
        proxied->account = text_get(life->tracker->texts, rec->account);
}

void life_proxy_accept(struct life *life, uint16_t source, const struct record *rec)
{
    struct life_proxied *proxied = slot_of(life, rec->pid);
    struct message *m = life_find_on_host(life, source, rec->id);

    if (proxied->pid != rec->pid || proxied->source != source || !proxied->client)
        return;
    /* The reply is the filter's word: it must be mail from this host that nothing else explains. */
    if (m && m->origin == ORIGIN_TRUSTED && !m->parent.slot && !message_has(m, MESSAGE_RESOLVED) &&
        life_comes_from_itself(life, client_address(text_span(m->client))))
        life_brought_by(life, m, proxied->client, proxied->account);
    else
        life->counters.doubtful_links++;
    clear(life, proxied);
}
