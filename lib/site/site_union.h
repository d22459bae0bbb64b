/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes one site of those of several hosts: domains that are ours on one are ours on
 *               all. A network is trusted on the hosts that trust it, and on those whose settings
 *               are not known; one that is too wide, on none. What is complete or known must be so
 *               on every host.
 * Doesn't know: where the hosts' sites come from.
 * Owns:         its tables, until site_union_done.
 * Time:         timeless.
 * Fails:        when memory is short or the site is full, and says so in site_union_done; the site
 *               then has what came before.
 */
#ifndef RELAYWATCH_SITE_SITE_UNION_H
#define RELAYWATCH_SITE_SITE_UNION_H

#include "base/list.h"
#include "site/domains.h"
#include "site/site.h"

struct site_union {
    struct site *site; /* borrowed */
    uint32_t hosts;
    unsigned any_facts, all_facts;
    bool complete, networks_configured, networks_incomplete, failed;
    char login_domain[256]; /* of all hosts */
    bool login_domains;     /* they have several */
    enum address_form form;
    struct domains relay, outside; /* ours go before these */
    struct list warnings;          /* what hosts were warned of, once each */
};

bool site_union_init(struct site_union *u, struct site *site);
/* `its` has one host's settings and nothing else. */
void site_union_add(struct site_union *u, struct span host, const struct site *its);
/* False if something was left out. */
bool site_union_done(struct site_union *u);

#endif
