/* SPDX-License-Identifier: MIT */
#include "site/site_settings.h"

#include <stdio.h>

/* The words of one key, on their way into the site. */
struct words {
    struct site *site;
    const char *key;
    enum domain_class class;
    bool subdomains;
    size_t count;
    struct inifile_error *err;
};

/* The parser has checked each word: this is for settings that did not come from a file, and for
 * full tables. */
static bool refuse(struct words *words, struct span word, const char *allowed)
{
    /* The line is not known any more. */
    words->err->line = 0;
    snprintf(words->err->text, sizeof(words->err->text), "%s = %.*s; allowed: %s", words->key,
             (int)(word.len > 100 ? 100 : word.len), word.at, allowed);
    return false;
}

static bool add_domain(struct words *words, struct span word)
{
    struct span domain = word;
    bool negated = span_take(&domain, SPAN("!"));

    return site_add_domain(words->site, domain, negated ? CLASS_OUTSIDE : words->class,
                           words->subdomains) ||
           refuse(words, word, "domains, as in example.org, .example.org or !example.org");
}

/* To mynetworks or to the fleet. */
typedef bool add_to(struct site *site, const struct network *net, bool is_in);

static bool add_network_to(struct words *words, struct span word, add_to *add)
{
    struct span text = word;
    bool negated = span_take(&text, SPAN("!"));
    struct network net;

    return (network_parse(text, &net) && add(words->site, &net, !negated)) ||
           refuse(words, word, "networks, as in 192.0.2.0/24, [2001:db8::]/32 or !192.0.2.1");
}

static bool add_trusted(struct site *site, const struct network *net, bool is_in)
{
    return site_add_network_of(site, "trusted_networks in [site]", false, net, is_in);
}

static bool add_network(struct words *words, struct span word)
{
    return add_network_to(words, word, add_trusted);
}

static bool add_fleet(struct words *words, struct span word)
{
    return add_network_to(words, word, site_add_fleet);
}

/* A whole network is no address of this host. */
static bool add_address(struct words *words, struct span word)
{
    struct network net;

    return (network_parse(word, &net) && net.prefix == 128 &&
            site_add_own_address(words->site, &net.base)) ||
           refuse(words, word, "addresses, as in 192.0.2.1 or 2001:db8::1");
}

static bool add_copy(struct words *words, struct span word)
{
    return site_add_copy(words->site, word) ||
           refuse(words, word, "mail addresses, as in archive@example.org");
}

static bool add_words(struct words *words, const char *text,
                      bool (*add)(struct words *words, struct span word))
{
    struct span list = span_str(text), word;

    for (; span_take_word(&list, &word); words->count++)
        if (!add(words, word))
            return false;
    return true;
}

bool site_apply_settings(struct site *site, const struct settings *settings,
                         struct inifile_error *err)
{
    struct words own = {site, "own_domains", CLASS_OURS, false, 0, err};
    struct words relay = {site, "relay_domains", CLASS_RELAY_DOMAIN, true, 0, err};
    struct words networks = {.site = site, .key = "trusted_networks", .err = err};
    struct words fleet = {.site = site, .key = "fleet", .err = err};
    struct words copies = {.site = site, .key = "copies_to", .err = err};
    struct words addresses = {.site = site, .key = "own_addresses", .err = err};

    if (!add_words(&own, settings->site.own_domains, add_domain) ||
        !add_words(&relay, settings->site.relay_domains, add_domain) ||
        !add_words(&networks, settings->site.trusted_networks, add_network) ||
        !add_words(&addresses, settings->site.own_addresses, add_address) ||
        !add_words(&fleet, settings->site.fleet, add_fleet) ||
        !add_words(&copies, settings->site.copies_to, add_copy))
        return false;
    site_set_clock_slack(site, (uint32_t)(settings->site.clock_slack / US_PER_S));
    /* An empty list is no answer: Postfix's settings or the log may still give one. */
    if (own.count)
        site_domains_configured(site, true);
    if (networks.count)
        site_networks_configured(site);
    return true;
}
