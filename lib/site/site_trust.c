/* SPDX-License-Identifier: MIT */
/* Which clients are trusted. */
#include <libpsl.h>

#include "site/site.h"
#include "site/site_doors.h"
#include "site/site_state.h"

void site_networks_configured(struct site *site)
{
    site->networks_configured = true;
}

void site_networks_incomplete(struct site *site)
{
    site->networks_incomplete = true;
}

bool site_add_network(struct site *site, const struct network *net, bool trusted)
{
    return site_add_network_of(site, "mynetworks", true, net, trusted);
}

bool site_add_network_of(struct site *site, const char *setting, bool of_postfix,
                         const struct network *net, bool trusted)
{
    char text[NETWORK_TEXT_MAX];

    if (trusted && network_is_too_wide(net)) {
        site_warn(site, "mynetworks-too-wide",
                  "%s trusts %s, far more than any site owns%s. It is not treated as trusted here. "
                  "Set %s to your own networks only.",
                  setting, network_print(net, text), of_postfix ? ": anyone in it may relay" : "",
                  setting);
        return true;
    }
    struct trust *trust = site->networks.items;
    for (size_t i = 0; i < site->networks.count; i++) /* the first match wins */
        if (trust[i].net.prefix == net->prefix && network_has(&trust[i].net, &net->base))
            return true;
    trust = list_add(&site->networks, sizeof(*trust), SITE_NETWORKS_MAX);
    if (!trust)
        return false;
    *trust = (struct trust){.net = *net, .trusted = trusted};
    return true;
}

/* The first of the networks that has the address, or NULL. */
static const struct trust *first_of(const struct trust *trusts, size_t count,
                                    const struct address *a)
{
    for (size_t i = 0; i < count; i++)
        if (network_has(&trusts[i].net, a))
            return &trusts[i];
    return NULL;
}

static const struct trust *first_match(const struct list *networks, const struct address *a)
{
    return first_of(networks->items, networks->count, a);
}

static const struct host_networks *of_hosts(const struct site *site, uint16_t networks)
{
    const struct host_networks *lists = site->host_networks.items;

    return networks && networks <= site->host_networks.count ? &lists[networks - 1] : NULL;
}

static bool are_told(const struct site *site, const struct host_networks *its)
{
    return its ? its->configured || site->told_for_all : site->networks_configured;
}

bool site_knows_networks(const struct site *site, uint16_t networks)
{
    return are_told(site, of_hosts(site, networks));
}

bool site_trusts_everywhere(const struct site *site, const struct address *a)
{
    const struct trust *match = first_of(site->networks.items, site->for_all, a);

    return match && match->trusted;
}

/* [site]'s come first, on every host. */
__attribute__((noinline)) static const struct trust *
match_on_host(const struct site *site, const struct host_networks *its, const struct address *a)
{
    const struct trust *match = first_of(site->networks.items, site->for_all, a);

    return match ? match : first_match(&its->networks, a);
}

static inline bool trusts(const struct site *site, const struct host_networks *its,
                          const struct address *a)
{
    const struct trust *match = its ? match_on_host(site, its, a) : first_match(&site->networks, a);

    if (address_is_loopback(a))
        return true;
    if (match)
        return match->trusted;
    return !are_told(site, its) && address_is_private(a);
}

bool site_trusts(const struct site *site, uint16_t networks, const struct address *a)
{
    return trusts(site, of_hosts(site, networks), a);
}

struct span site_host_that_trusts(const struct site *site, const struct address *a)
{
    const struct named_host *host = site->hosts.items;

    for (size_t i = 0; i < site->hosts.count; i++)
        if (site_trusts(site, host[i].networks, a))
            return span_str(host[i].name);
    return SPAN_NONE;
}

/* --- fleet ------------------------------------------------------------------------------------ */

bool site_add_fleet(struct site *site, const struct network *net, bool is_in)
{
    struct trust *part = list_add(&site->fleet, sizeof(*part), SITE_NETWORKS_MAX);

    if (part)
        *part = (struct trust){.net = *net, .trusted = is_in};
    return part != NULL;
}

bool site_has_fleet(const struct site *site)
{
    return site->fleet.count != 0;
}

bool site_is_fleet(const struct site *site, const struct address *a)
{
    const struct trust *match = first_match(&site->fleet, a);

    return match && match->trusted;
}

void site_set_clock_slack(struct site *site, uint32_t seconds)
{
    site->clock_slack_s = seconds;
}

uint32_t site_clock_slack(const struct site *site)
{
    return site->clock_slack_s;
}

/* --- names ------------------------------------------------------------------------------------ */

/* True if the domain's own people gave the name, which is in it: neither a filter's word alone made
 * it ours, nor can anybody have a name there, as with a provider of dynamic DNS. The host's own
 * name stands for itself only. */
static bool vouches(const struct site *site, struct span domain, struct span client_name)
{
    enum proof proof = domains_proof(&site->domains, domain);
    char name[256];

    if (domains_class(&site->domains, domain) != CLASS_OURS || domain.len >= sizeof(name))
        return false;
    if (proof == PROOF_OF_HOSTNAME)
        return domain.len == client_name.len;
    if (proof != PROOF_NONE && proof < PROOF_BY_NAME)
        return false;
    for (size_t i = 0; i < domain.len; i++)
        name[i] = ascii_lower(domain.at[i]);
    name[domain.len] = '\0';
    return !psl_is_public_suffix(psl_builtin(), name);
}

static bool is_under_ours(const struct site *site, struct span name)
{
    struct span domain = name;
    ptrdiff_t dot;

    /* The name that Postfix gives itself stands for itself only, too: "mydomain" of a rented server
     * may be its provider's. */
    if (site_writes_as(site, name))
        return true;
    while ((dot = span_find(domain, '.')) > 0) {
        if (vouches(site, domain, name))
            return true;
        domain = span_skip(domain, (size_t)dot + 1);
    }
    return false;
}

__attribute__((always_inline)) static inline const char *
why_trusted(const struct site *site, const struct host_networks *its, const struct address *a,
            struct span client)
{
    bool told = are_told(site, its);

    if (trusts(site, its, a))
        return told ? "its network is listed" : "a private address";
    if (site_lists_certificate_of(site, client_address(client)))
        return "it has shown a certificate, and relay_clientcerts is in use";
    if (!told && site_has_mailboxes_at(site, client_address(client)))
        return "mail for our mailboxes is handed to it";
    /* Where all networks are told, Postfix itself trusts no name. */
    if (told && !(its ? its->incomplete : site->networks_incomplete))
        return NULL;
    ptrdiff_t open = span_find(client, '[');
    struct span name = span_head(client, open > 0 ? (size_t)open : 0);
    if (address_is_spelled(a, name) || !is_under_ours(site, name))
        return NULL;
    return "its confirmed name is under one of our domains";
}

const char *site_why_trusted(const struct site *site, uint16_t networks, const struct address *a,
                             struct span client)
{
    const struct host_networks *its = of_hosts(site, networks);

    /* Twice, so that what only a fleet has costs nobody else anything. */
    return its ? why_trusted(site, its, a, client) : why_trusted(site, NULL, a, client);
}

void site_each_network(const struct site *site, site_network_visit *visit, void *ctx)
{
    const struct trust *trusts = site->networks.items;

    for (size_t i = 0; i < site->networks.count; i++)
        visit(ctx, &trusts[i].net, trusts[i].trusted);
}
