/* SPDX-License-Identifier: MIT */
#include "site/site_union.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "site/site_accounts.h"
#include "site/site_hosts.h"
#include "site/site_hops.h"
#include "site/site_state.h"

enum { HOST_SHOWN = 100 };

/* What a host was warned of, and how many others. */
struct said {
    struct site_warning warning;
    char host[HOST_SHOWN];
    uint32_t more;
};

bool site_union_init(struct site_union *u, struct site *site)
{
    *u = (struct site_union){.site = site,
                             .all_facts = UINT_MAX,
                             .complete = true,
                             .networks_configured = true,
                             .form = ADDRESS_FORM_UNKNOWN};
    site_begin_hosts(site);
    return domains_init(&u->relay) && domains_init(&u->outside);
}

/* --- domains ---------------------------------------------------------------------------------- */

static void add_domain(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                       enum proof proof, uint8_t door)
{
    struct site_union *u = ctx;
    bool added;

    (void)proof;
    (void)door;
    if (class == CLASS_OURS)
        added = site_add_domain(u->site, domain, class, subdomains);
    else
        added = domains_configure(class == CLASS_OUTSIDE ? &u->outside : &u->relay, domain, class,
                                  subdomains, SITE_DOMAINS_MAX);
    u->failed |= !added;
}

static void add_sender(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                       enum proof proof, uint8_t door)
{
    struct site_union *u = ctx;

    (void)class;
    (void)subdomains;
    (void)proof;
    (void)door;
    u->failed |= !site_add_sender_domain(u->site, domain);
}

static void tell_domain(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                        enum proof proof, uint8_t door)
{
    struct site_union *u = ctx;

    (void)proof;
    (void)door;
    u->failed |= !site_add_domain(u->site, domain, class, subdomains);
}

/* --- the rest --------------------------------------------------------------------------------- */

/* For hosts whose settings are not known. */
static void add_networks(struct site_union *u, const struct site *its)
{
    const struct trust *trust = its->networks.items;

    for (size_t i = 0; i < its->networks.count; i++)
        if (!site_add_network(u->site, &trust[i].net, trust[i].trusted)) {
            site_warn(u->site, "networks-not-taken",
                      "The hosts trust more than the %d networks that can be kept of all "
                      "together: clients in the others look like strangers on a host without a "
                      "file in postconf_directory.",
                      SITE_NETWORKS_MAX);
            return;
        }
}

/* Not its own addresses: what comes from them is another host's mail to all others. */
static void add_lists(struct site_union *u, const struct site *its)
{
    const struct endpoint *filter = its->filters.endpoints.items,
                          *exit = its->exits.endpoints.items;
    const struct network *xforward = its->xforward.items;
    char *const *copy = its->copies.items;

    for (size_t i = 0; i < its->filters.endpoints.count; i++)
        u->failed |= !site_add_filter(u->site, &filter[i].address, filter[i].port);
    for (size_t i = 0; i < its->exits.endpoints.count; i++)
        u->failed |= !site_add_exit(u->site, &exit[i].address, exit[i].port);
    for (size_t i = 0; i < its->exits.services; i++)
        site_add_exit_service(u->site, span_str(its->exits.service[i]));
    for (size_t i = 0; i < its->xforward.count; i++)
        if (!site_may_xforward(u->site, &xforward[i].base))
            u->failed |= !site_add_xforward(u->site, &xforward[i]);
    for (size_t i = 0; i < its->copies.count; i++)
        site_add_copy(u->site, span_str(copy[i])); /* thousands of hosts may have more than fit */
    for (size_t i = 0; i < its->filters.services; i++)
        site_add_filter_service(u->site, span_str(its->filters.service[i]));
    site_add_unlisted_of(u->site, its);
}

/* Of thousands of hosts that are set up alike, one is named. */
static void add_warning(struct site_union *u, struct span host, const struct site_warning *warning)
{
    struct said *said = u->warnings.items;

    for (size_t i = 0; i < u->warnings.count; i++)
        if (strcmp(said[i].warning.code, warning->code) == 0 &&
            strcmp(said[i].warning.text, warning->text) == 0) {
            said[i].more++;
            return;
        }
    said = list_add(&u->warnings, sizeof(*said), SITE_WARNINGS_MAX);
    if (!said)
        return;
    *said = (struct said){.warning = *warning};
    if (host.len)
        memcpy(said->host, host.at, host.len < HOST_SHOWN ? host.len : HOST_SHOWN - 1);
}

void site_union_add(struct site_union *u, struct span host, const struct site *its)
{
    domains_each(&its->domains, add_domain, u);
    domains_each(&its->senders, add_sender, u);
    add_lists(u, its);
    add_networks(u, its);
    u->failed |= !site_add_host(u->site, host, its);
    u->any_facts |= its->facts;
    u->all_facts &= its->facts;
    u->complete &= its->domains_configured && its->domains_complete;
    u->networks_configured &= its->networks_configured;
    u->networks_incomplete |= its->networks_incomplete;
    if (u->hosts == 0)
        memcpy(u->login_domain, its->login_domain, sizeof(u->login_domain));
    u->login_domains |= strcasecmp(u->login_domain, its->login_domain) != 0;
    if (u->hosts++ == 0)
        u->form = its->address_form;
    else if (u->form != its->address_form)
        u->form = ADDRESS_FORM_UNKNOWN;
    for (size_t i = 0; i < site_warning_count(its); i++)
        add_warning(u, host, site_warning(its, i));
}

static void tell_warnings(const struct site_union *u)
{
    const struct said *said = u->warnings.items;

    for (size_t i = 0; i < u->warnings.count; i++)
        if (said[i].more)
            site_warn(u->site, said[i].warning.code, "%s and %u more hosts: %s", said[i].host,
                      said[i].more, said[i].warning.text);
        else
            site_warn(u->site, said[i].warning.code, "%s: %s", said[i].host, said[i].warning.text);
}

bool site_union_done(struct site_union *u)
{
    if (u->hosts) {
        domains_each(&u->relay, tell_domain, u);
        domains_each(&u->outside, tell_domain, u);
        site_domains_configured(u->site, u->complete);
        if (u->networks_configured)
            site_networks_configured(u->site);
        if (u->networks_incomplete)
            site_networks_incomplete(u->site);
        site_set_fact(u->site, u->any_facts & (SITE_BCC_MAPS | SITE_NO_ORIG_TO | SITE_MX_BACKUP |
                                               SITE_POSTCONF | SITE_ALL_CERTS));
        site_set_fact(u->site,
                      u->all_facts & (SITE_RELAYHOST | SITE_SMTP_LEAVES | SITE_LISTED_CERTS));
        site_set_address_form(u->site, u->form);
        if (!u->login_domains)
            site_set_login_domain(u->site, span_str(u->login_domain));
        tell_warnings(u);
    }
    domains_done(&u->relay);
    domains_done(&u->outside);
    list_done(&u->warnings);
    return !u->failed;
}
