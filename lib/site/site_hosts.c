/* SPDX-License-Identifier: MIT */
#include "site/site_hosts.h"

#include "base/hash.h"
#include "site/site_state.h"

enum { INDEX_MIN = 64 }; /* a power of two */

void site_begin_hosts(struct site *site)
{
    site->for_all = site->networks.count;
    site->told_for_all = site->networks_configured;
}

void site_hosts_done(struct site *site)
{
    struct host_networks *its = site->host_networks.items;
    struct named_host *host = site->hosts.items;

    for (size_t i = 0; i < site->host_networks.count; i++)
        list_done(&its[i].networks);
    for (size_t i = 0; i < site->hosts.count; i++)
        free(host[i].name);
    list_done(&site->host_networks);
    list_done(&site->hosts);
    hash_index_done(&site->host_index);
}

/* --- names ------------------------------------------------------------------------------------ */

static struct span first_label(struct span name)
{
    ptrdiff_t dot = span_find(name, '.');

    return dot < 0 ? name : span_head(name, (size_t)dot);
}

/* Without a seed: only the settings' own names are kept, and no stranger chooses those. */
static uint32_t hash_of(struct span name)
{
    return (uint32_t)hash_nocase(first_label(name), 0);
}

/* The host of that name; else the only one that has the first label, if one of the two names has no
 * other. NULL if there is none. */
static const struct named_host *find(const struct site *site, struct span name)
{
    const struct named_host *hosts = site->hosts.items, *alike = NULL;
    bool is_short = span_find(name, '.') < 0;
    uint32_t hash = hash_of(name), at = hash, number;
    int count = 0;

    while (hosts && (number = hash_index_next(&site->host_index, hash, &at)) != 0) {
        struct span its = span_str(hosts[number - 1].name);
        if (span_equal_nocase(its, name))
            return &hosts[number - 1];
        if (!span_equal_nocase(first_label(its), first_label(name)) ||
            !(is_short || span_find(its, '.') < 0))
            continue;
        alike = &hosts[number - 1];
        count++;
    }
    return count == 1 ? alike : NULL;
}

uint16_t site_networks_of(const struct site *site, struct span host)
{
    const struct named_host *its = find(site, host);

    return its ? its->networks : SITE_NETWORKS_OF_ALL;
}

struct span site_name_of_host(const struct site *site, struct span host)
{
    const struct named_host *its = find(site, host);

    return its ? span_str(its->name) : SPAN_NONE;
}

static bool add_name(struct site *site, struct span name, uint16_t networks)
{
    struct named_host *host;

    if ((!site->host_index.slot && !hash_index_init(&site->host_index, INDEX_MIN)) ||
        !hash_index_reserve(&site->host_index))
        return false;
    char *copy = strndup(name.at, name.len);
    host = copy ? list_add(&site->hosts, sizeof(*host), SITE_HOSTS_MAX) : NULL;
    if (!host) {
        free(copy);
        return false;
    }
    *host = (struct named_host){copy, networks};
    hash_index_add(&site->host_index, hash_of(name), (uint32_t)site->hosts.count);
    return true;
}

/* --- networks --------------------------------------------------------------------------------- */

static struct host_networks networks_of(const struct site *its)
{
    const struct list *list = &its->networks;
    struct span bytes = span_of(list->items, list->count * sizeof(struct trust));
    uint64_t flags = its->networks_configured | (uint64_t)its->networks_incomplete << 1;

    return (struct host_networks){.networks = *list,
                                  .configured = its->networks_configured,
                                  .incomplete = its->networks_incomplete,
                                  .digest = hash_mix(hash_bytes(bytes, 0) ^ flags, HASH_ODD_1)};
}

static bool are_same(const struct host_networks *a, const struct host_networks *b)
{
    size_t count = a->networks.count;

    return a->digest == b->digest && count == b->networks.count && a->configured == b->configured &&
           a->incomplete == b->incomplete &&
           (!count ||
            memcmp(a->networks.items, b->networks.items, count * sizeof(struct trust)) == 0);
}

/* The number of a list with those networks; 0 if there is no room for it. */
static uint16_t share(struct site *site, const struct site *its)
{
    struct host_networks *lists = site->host_networks.items, *new, like = networks_of(its);
    size_t count = like.networks.count;

    for (size_t i = 0; i < site->host_networks.count; i++)
        if (are_same(&lists[i], &like))
            return (uint16_t)(i + 1);
    if (site->host_networks_sum + count > SITE_HOST_NETWORKS_MAX)
        return 0;
    struct trust *copy = malloc((count ? count : 1) * sizeof(*copy));
    new = copy ? list_add(&site->host_networks, sizeof(*new), SITE_HOSTS_MAX) : NULL;
    if (!new) {
        free(copy);
        return 0;
    }
    if (count)
        memcpy(copy, like.networks.items, count * sizeof(*copy));
    *new = like;
    new->networks = (struct list){copy, count, count};
    site->host_networks_sum += count;
    return (uint16_t)site->host_networks.count;
}

bool site_add_host(struct site *site, struct span host, const struct site *its)
{
    uint16_t networks = share(site, its);

    if (!networks || !add_name(site, host, networks))
        return false;
    ((struct host_networks *)site->host_networks.items)[networks - 1].hosts++;
    return true;
}

/* --- for people ------------------------------------------------------------------------------- */

size_t site_host_count(const struct site *site)
{
    return site->hosts.count;
}

static bool has_network(const struct trust *trust, size_t count, const struct network *net,
                        bool trusted)
{
    for (size_t i = 0; i < count; i++)
        if (trust[i].trusted == trusted && trust[i].net.prefix == net->prefix &&
            network_has(&trust[i].net, &net->base))
            return true;
    return false;
}

size_t site_hosts_with(const struct site *site, const struct network *net, bool trusted)
{
    const struct host_networks *its = site->host_networks.items;
    size_t n = 0;

    if (has_network(site->networks.items, site->for_all, net, trusted))
        return site->hosts.count;
    for (size_t i = 0; i < site->host_networks.count; i++)
        if (has_network(its[i].networks.items, its[i].networks.count, net, trusted))
            n += its[i].hosts;
    return n;
}
