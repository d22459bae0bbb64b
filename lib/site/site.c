/* SPDX-License-Identifier: MIT */
#include "site/site.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "site/domains.h"

#define SERVICE_LEN_MAX 64
#define SERVICES_MAX    16

/* A network of mynetworks, or one excluded by "!". */
struct trust {
    struct network net;
    bool trusted;
};

/* Where a content filter listens. */
struct endpoint {
    struct address address;
    unsigned port;
};

struct site {
    struct domains domains;
    bool domains_configured, domains_complete, networks_configured;
    uint64_t learned_dropped;
    struct list networks; /* struct trust, first match wins */
    struct list own;      /* struct address */
    struct list filters;  /* struct endpoint */
    struct list xforward; /* struct network */
    struct list copies;   /* char * */
    char services[SERVICES_MAX][SERVICE_LEN_MAX];
    size_t service_count;
    enum address_form address_form;
    struct list warnings; /* struct site_warning */
};

struct site *site_new(void)
{
    struct site *site = calloc(1, sizeof(*site));

    if (!site || domains_init(&site->domains))
        return site;
    free(site);
    return NULL;
}

void site_free(struct site *site)
{
    if (!site)
        return;
    domains_done(&site->domains);
    list_done(&site->networks);
    list_done(&site->own);
    list_done(&site->filters);
    list_done(&site->xforward);
    for (size_t i = 0; i < site->copies.count; i++)
        free(((char **)site->copies.items)[i]);
    list_done(&site->copies);
    list_done(&site->warnings);
    free(site);
}

bool site_add_domain(struct site *site, struct span domain, enum domain_class class,
                     bool subdomains)
{
    return domains_configure(&site->domains, domain, class, subdomains, SITE_DOMAINS_MAX);
}

void site_domains_configured(struct site *site, bool complete)
{
    /* One complete list is enough, whatever others leave out. */
    site->domains_complete |= complete;
    site->domains_configured = true;
}

void site_networks_configured(struct site *site)
{
    site->networks_configured = true;
}

/* At SITE_LEARNED_MAX known domains stay, and new ones are dropped and counted: a domain that gets
 * mail every day was learned long ago, and forgetting it would make its mail look relayed. */
void site_learn_domain(struct site *site, struct span domain, enum proof proof)
{
    /* An address without a domain, or with a literal, teaches nothing. */
    if (domain.len == 0 || domain.at[0] == '[' ||
        !(proof == PROOF_CERTAIN || proof == PROOF_OF_HOSTNAME || site_may_have_more_domains(site)))
        return;
    if (!domains_learn(&site->domains, domain, proof, SITE_LEARNED_MAX))
        site->learned_dropped++;
}

uint64_t site_learned_dropped(const struct site *site)
{
    return site->learned_dropped;
}

void site_learn_again(struct site *site, struct span domain, enum proof proof)
{
    domains_learn(&site->domains, domain, proof, SITE_LEARNED_MAX);
}

void site_set_learned_dropped(struct site *site, uint64_t dropped)
{
    site->learned_dropped = dropped;
}

/* "[192.0.2.1]" and "[IPv6:2001:db8::1]". */
static bool is_own_literal(const struct site *site, struct span domain)
{
    struct address a;

    if (domain.len < 2 || domain.at[domain.len - 1] != ']')
        return false;
    domain = span_of(domain.at + 1, domain.len - 2);
    if (domain.len > 5 && span_equal_nocase(span_head(domain, 5), SPAN("IPv6:")))
        domain = span_skip(domain, 5);
    return address_parse(domain, &a) && site_is_own_address(site, &a);
}

uint64_t site_generation(const struct site *site)
{
    return site->domains.changes * 2 + site->domains_configured;
}

enum domain_class site_class(const struct site *site, struct span domain)
{
    enum domain_class class = CLASS_UNKNOWN;

    if (domain.len == 0)
        return CLASS_OURS;
    if (domain.at[0] != '[')
        class = domains_class(&site->domains, domain);
    else if (is_own_literal(site, domain))
        return CLASS_OURS;
    if (class == CLASS_UNKNOWN && site_knows_domains(site))
        return CLASS_OUTSIDE;
    return class;
}

/* "localhost" alone does not count: every host delivers mail for it. */
bool site_knows_domains(const struct site *site)
{
    return (site->domains_configured && site->domains.configured_real) ||
           site->domains.learned_real;
}

bool site_may_have_more_domains(const struct site *site)
{
    return !(site->domains_configured && site->domains_complete);
}

bool site_knows_networks(const struct site *site)
{
    return site->networks_configured;
}

bool site_add_network(struct site *site, const struct network *net, bool trusted)
{
    char text[NETWORK_TEXT_MAX];

    if (trusted && network_is_too_wide(net)) {
        site_warn(site, "mynetworks-too-wide",
                  "mynetworks trusts %s, far more than any site owns: whoever is in it may relay. "
                  "It is not counted as trust here. Set mynetworks to your own networks only.",
                  network_print(net, text));
        return true;
    }
    struct trust *trust = list_add(&site->networks, sizeof(*trust), SITE_NETWORKS_MAX);
    if (!trust)
        return false;
    *trust = (struct trust){.net = *net, .trusted = trusted};
    return true;
}

bool site_trusts(const struct site *site, const struct address *a)
{
    const struct trust *trusts = site->networks.items;

    if (address_is_loopback(a))
        return true;
    for (size_t i = 0; i < site->networks.count; i++)
        if (network_has(&trusts[i].net, a))
            return trusts[i].trusted;
    return !site->networks_configured && address_is_private(a);
}

bool site_add_own_address(struct site *site, const struct address *a)
{
    struct address *own;

    if (site_is_own_address(site, a))
        return true;
    own = list_add(&site->own, sizeof(*own), SITE_NETWORKS_MAX);
    if (own)
        *own = *a;
    return own != NULL;
}

bool site_is_own_address(const struct site *site, const struct address *a)
{
    const struct address *own = site->own.items;

    if (address_is_loopback(a))
        return true;
    for (size_t i = 0; i < site->own.count; i++)
        if (memcmp(&own[i], a, sizeof(*a)) == 0)
            return true;
    return false;
}

bool site_add_filter(struct site *site, const struct address *a, unsigned port)
{
    struct endpoint *filter;

    if (site_is_filter(site, a, port))
        return true;
    filter = list_add(&site->filters, sizeof(*filter), SITE_NETWORKS_MAX);
    if (filter)
        *filter = (struct endpoint){.address = *a, .port = port};
    return filter != NULL;
}

bool site_is_filter(const struct site *site, const struct address *a, unsigned port)
{
    const struct endpoint *filters = site->filters.items;

    for (size_t i = 0; i < site->filters.count; i++)
        if ((filters[i].port == 0 || filters[i].port == port) &&
            memcmp(&filters[i].address, a, sizeof(*a)) == 0)
            return true;
    return false;
}

bool site_add_filter_service(struct site *site, struct span service)
{
    if (site_is_filter_service(site, service))
        return true;
    if (service.len == 0 || service.len >= SERVICE_LEN_MAX || site->service_count == SERVICES_MAX)
        return false;
    memcpy(site->services[site->service_count++], service.at, service.len);
    return true;
}

bool site_is_filter_service(const struct site *site, struct span service)
{
    for (size_t i = 0; i < site->service_count; i++)
        if (span_equal(service, span_str(site->services[i])))
            return true;
    return false;
}

bool site_add_copy(struct site *site, struct span address)
{
    char **copy;

    if (site_is_copy(site, address))
        return true;
    if (span_find(address, '@') < 0)
        return false;
    copy = list_add(&site->copies, sizeof(*copy), SITE_COPIES_MAX);
    if (copy)
        *copy = strndup(address.at, address.len);
    return copy && *copy;
}

bool site_is_copy(const struct site *site, struct span address)
{
    char *const *copies = site->copies.items;

    for (size_t i = 0; i < site->copies.count; i++)
        if (copies[i] && span_equal_nocase(span_str(copies[i]), address))
            return true;
    return false;
}

bool site_add_xforward(struct site *site, const struct network *net)
{
    struct network *host = list_add(&site->xforward, sizeof(*host), SITE_NETWORKS_MAX);

    if (host)
        *host = *net;
    return host != NULL;
}

bool site_may_xforward(const struct site *site, const struct address *a)
{
    const struct network *hosts = site->xforward.items;

    for (size_t i = 0; i < site->xforward.count; i++)
        if (network_has(&hosts[i], a))
            return true;
    return false;
}

void site_set_address_form(struct site *site, enum address_form form)
{
    site->address_form = form;
}

enum address_form site_address_form(const struct site *site)
{
    return site->address_form;
}

/* A few dozen warnings at most, so comparing with each of them is fine. */
void site_warn(struct site *site, const char *code, const char *format, ...)
{
    const struct site_warning *known = site->warnings.items;
    char text[SITE_WARNING_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (size_t i = 0; i < site->warnings.count; i++)
        if (strcmp(known[i].code, code) == 0 && strcmp(known[i].text, text) == 0)
            return;
    struct site_warning *new = list_add(&site->warnings, sizeof(*new), SITE_WARNINGS_MAX);
    if (!new)
        return;
    new->code = code;
    memcpy(new->text, text, strlen(text) + 1);
}

size_t site_warning_count(const struct site *site)
{
    return site->warnings.count;
}

const struct site_warning *site_warning(const struct site *site, size_t i)
{
    const struct site_warning *warnings = site->warnings.items;

    return i < site->warnings.count ? &warnings[i] : NULL;
}

void site_each_domain(const struct site *site, site_domain_visit *visit, void *ctx)
{
    domains_each(&site->domains, visit, ctx);
}

void site_each_network(const struct site *site, site_network_visit *visit, void *ctx)
{
    const struct trust *trusts = site->networks.items;

    for (size_t i = 0; i < site->networks.count; i++)
        visit(ctx, &trusts[i].net, trusts[i].trusted);
}
