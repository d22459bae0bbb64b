/* SPDX-License-Identifier: MIT */
#include "judge/gateways.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "parse/record.h"
#include "site/providers.h"

/* 0 stands for nothing. */
static uint64_t hash_of(struct span text, uint64_t seed)
{
    return hash_nocase(text, seed) | 1;
}

/* "name" of "name[address]". */
static struct span name_of(struct span text)
{
    ptrdiff_t open = span_find(text, '[');

    return span_head(text, open > 0 ? (size_t)open : 0);
}

static struct gateway_candidate *candidate_of(struct gateways *g, uint64_t domain)
{
    struct gateway_candidate *oldest = &g->candidate[0];

    for (int i = 0; i < GATEWAYS_MAX; i++) {
        struct gateway_candidate *c = &g->candidate[i];
        if (c->domain == domain)
            return c;
        if (c->seen_s < oldest->seen_s)
            oldest = c;
    }
    *oldest = (struct gateway_candidate){.domain = domain};
    return oldest;
}

/* A private server behind this host, unless all mail leaves through one; or the domain's own, which
 * may be at a provider. */
static bool is_fitting(const struct site *site, const struct gateway_delivery *d,
                       const struct address *hop)
{
    if (address_is_private(hop))
        return !site_has_fact(site, SITE_RELAYHOST);
    return mail_domain_is_related(name_of(d->relay), d->domain) ||
           provider_hosts_customers_at(name_of(d->relay));
}

static void count_hop(struct gateway_candidate *c, const struct gateway_delivery *d, uint64_t seed)
{
    uint64_t hop = hash_of(name_of(d->relay), seed);
    int i = 0;

    while (i < GATEWAY_HOPS && c->hop[i] && c->hop[i] != hop)
        i++;
    if (i == GATEWAY_HOPS)
        return;
    c->hop[i] = hop;
    c->fitting++;
}

static bool has(const uint64_t *hashes, uint32_t count, uint64_t hash)
{
    for (uint32_t i = 0; i < count; i++)
        if (hashes[i] == hash)
            return true;
    return false;
}

bool gateways_is_server(struct span client, struct span sender, uint64_t seed,
                        uint64_t *ret_network, uint64_t *ret_domain)
{
    struct span name = name_of(client), from = mail_address_domain(sender);
    struct address a;

    if (!address_parse(client_address(client), &a) || address_is_spelled(&a, name) ||
        !mail_domain_is_related(name, from))
        return false;
    *ret_network = network_hash(&a, seed) | 1;
    *ret_domain = hash_of(from, seed);
    return true;
}

static void count_stranger(struct gateway_candidate *c, const struct gateway_delivery *d,
                           uint64_t seed)
{
    uint64_t network, sender;

    if (c->strangers == GATEWAY_STRANGERS ||
        !gateways_is_server(d->client, d->sender, seed, &network, &sender))
        return;
    if (has(c->network, c->strangers, network) || has(c->sender, c->strangers, sender))
        return;
    c->network[c->strangers] = network;
    c->sender[c->strangers++] = sender;
}

bool gateways_see(struct gateways *g, const struct site *site, uint64_t seed,
                  const struct gateway_delivery *d)
{
    struct address hop;
    unsigned port;

    if (!site_may_be_gateway_for(site, d->domain) || g->found == GATEWAYS_FOUND_MAX ||
        !record_relay(d->relay, &hop, &port) || site_is_own_address(site, &hop))
        return false;
    struct gateway_candidate *c = candidate_of(g, hash_of(d->domain, seed));
    c->seen_s = d->at_s;
    c->deliveries++;
    if (is_fitting(site, d, &hop))
        count_hop(c, d, seed);
    count_stranger(c, d, seed);
    if (c->strangers < GATEWAY_STRANGERS || c->deliveries < GATEWAY_DELIVERIES ||
        (uint64_t)c->fitting * 100 < (uint64_t)c->deliveries * GATEWAY_FITTING_PERCENT)
        return false;
    g->found++;
    *c = (struct gateway_candidate){.domain = 0};
    return true;
}
