/* SPDX-License-Identifier: MIT */
/*
 * Does:         says of a client ("name[address]") whether it is trusted on a host and whether it
 *               is that host, and remembers the answers: the same clients come again and again.
 * Doesn't know: messages; what a client sent is evidence of.
 * Owns:         a reference to the text of each client it remembers, until clients_reset.
 * Time:         timeless.
 * Fails:        never; a client without an address is a stranger.
 */
#ifndef RELAYWATCH_JUDGE_CLIENTS_H
#define RELAYWATCH_JUDGE_CLIENTS_H

#include "base/address.h"
#include "base/intern.h"
#include "track/hosts.h"
#include "track/message.h"

enum { CLIENTS_MEMOS = 4096 }; /* a power of two */

struct client_memo {
    struct intern *text;
    const char *why;   /* it is trusted; NULL for a stranger */
    uint16_t networks; /* where: on hosts that trust these (hosts_networks) */
    bool is_self;      /* one of this host's own addresses */
    bool is_fleet;     /* another host of the fleet */
    bool is_near;      /* a private address that is neither */
};

struct clients {
    struct client_memo memo[CLIENTS_MEMOS];
    uint64_t generation; /* of the site when the memos were made */
    struct site *site;   /* borrowed, like the texts and hosts */
    const struct hosts *hosts;
    struct interns *texts;
};

/* Forgets all. Call it before the site is replaced and before the texts go. */
void clients_reset(struct clients *c);
/* What the client is to hosts that trust those networks. Good until the next call. NULL is fine:
 * nobody. */
const struct client_memo *clients_find(struct clients *c, struct intern *client, uint16_t networks);
/* The same of a message's client, on the message's host. */
static inline const struct client_memo *clients_of(struct clients *c, const struct message *m)
{
    return clients_find(c, m->client, hosts_networks(c->hosts, m->source));
}
/* True if m came of mail of another host of this log, at a public address, and nobody has told that
 * the two belong together. */
bool clients_are_strangers(const struct clients *c, const struct message *m,
                           const struct message *parent);

#endif
