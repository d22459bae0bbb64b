/* SPDX-License-Identifier: MIT */
#include "site/site_digest.h"

#include "base/hash.h"
#include "site/site_state.h"

/* Which list an item is of. */
enum {
    OF_DOMAINS = 1,
    OF_SENDERS,
    OF_OWN,
    OF_FILTERS,
    OF_XFORWARD,
    OF_COPIES,
    OF_SERVICES,
    OF_HOSTS,
    OF_EXITS,
    OF_EXIT_SERVICES
};

/* Sums, so that the order of a list does not matter. */
struct digest {
    uint64_t sum;
    int list;
};

static uint64_t item(int list, uint64_t detail, struct span text)
{
    return hash_mix(hash_bytes(text, (uint64_t)list) ^ detail, HASH_ODD_1);
}

static void add_domain(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                       enum proof proof, uint8_t door)
{
    struct digest *digest = ctx;

    (void)door;
    if (proof == PROOF_NONE) /* else the log taught it */
        digest->sum += item(digest->list, (uint64_t) class << 1 | subdomains, domain);
}

static uint64_t of_address(int list, const struct address *a, uint64_t detail)
{
    char buf[ADDRESS_TEXT_MAX];

    return item(list, detail, span_str(address_print(a, buf)));
}

static uint64_t of_network(const struct network *net, int list)
{
    char buf[NETWORK_TEXT_MAX];

    return item(list, 0, span_str(network_print(net, buf)));
}

/* The first that matches decides: here the order does matter. */
static uint64_t of_networks(const struct list *networks)
{
    const struct trust *trust = networks->items;
    uint64_t h = networks->count;

    for (size_t i = 0; i < networks->count; i++)
        h = hash_mix(h ^ of_network(&trust[i].net, trust[i].trusted), HASH_ODD_2);
    return h;
}

static uint64_t of_lists(const struct site *site)
{
    const struct address *own = site->own.items;
    const struct endpoint *filter = site->filters.endpoints.items,
                          *exit = site->exits.endpoints.items;
    const struct network *xforward = site->xforward.items;
    char *const *copy = site->copies.items;
    const struct named_host *host = site->hosts.items;
    const struct host_networks *its = site->host_networks.items;
    uint64_t sum = 0;

    for (size_t i = 0; i < site->own.count; i++)
        sum += of_address(OF_OWN, &own[i], 0);
    for (size_t i = 0; i < site->filters.endpoints.count; i++)
        sum += of_address(OF_FILTERS, &filter[i].address, filter[i].port);
    for (size_t i = 0; i < site->exits.endpoints.count; i++)
        sum += of_address(OF_EXITS, &exit[i].address, exit[i].port);
    for (size_t i = 0; i < site->exits.services; i++)
        sum += item(OF_EXIT_SERVICES, 0, span_str(site->exits.service[i]));
    for (size_t i = 0; i < site->xforward.count; i++)
        sum += of_network(&xforward[i], OF_XFORWARD);
    for (size_t i = 0; i < site->copies.count; i++)
        sum += item(OF_COPIES, 0, span_str(copy[i]));
    for (size_t i = 0; i < site->filters.services; i++)
        sum += item(OF_SERVICES, 0, span_str(site->filters.service[i]));
    if (site->hosts.count)
        sum += item(OF_HOSTS, (uint64_t)site->for_all << 1 | site->told_for_all, SPAN_NONE);
    for (size_t i = 0; i < site->hosts.count; i++)
        sum += item(OF_HOSTS, its[host[i].networks - 1].digest, span_str(host[i].name));
    return sum;
}

uint64_t site_digest(const struct site *site)
{
    struct digest digest = {.list = OF_DOMAINS};
    const bool known[] = {site->domains_configured, site->domains_complete,
                          site->networks_configured, site->networks_incomplete};
    uint64_t flags = (uint64_t)site->facts << 8 | (uint64_t)site->address_form;

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        flags = flags << 1 | known[i];
    domains_each(&site->domains, add_domain, &digest);
    digest.list = OF_SENDERS;
    domains_each(&site->senders, add_domain, &digest);
    digest.sum += of_lists(site);
    uint64_t h = hash_mix(digest.sum ^ hash_bytes(span_str(site->myhostname), 0), HASH_ODD_1);
    h = hash_mix(h ^ hash_nocase(span_str(site->login_domain), 0), HASH_ODD_2);
    h = hash_mix(h ^ of_networks(&site->networks), HASH_ODD_2);
    h = hash_mix(h ^ of_networks(&site->fleet), HASH_ODD_2);
    h = hash_mix(h ^ flags, HASH_ODD_1);
    return h ? h : 1;
}
