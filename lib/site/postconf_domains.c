/* SPDX-License-Identifier: MIT */
#include "site/postconf_domains.h"

#include <stdlib.h>

#include "site/domains.h"
#include "site/postconf_value.h"

/* A list of domains that is being added to the site. */
struct apply {
    const struct postconf *postconf;
    struct site *site;
    struct postconf_walk walk;
    const char *name; /* of the current setting */
    enum domain_class class;
    enum address_class addresses;
    bool subdomains;                /* a domain stands for its subdomains too */
    bool mail_keys;                 /* its tables have mail addresses as keys, and some domains */
    bool complete;                  /* nothing was left out so far */
    struct domains here, taken_out; /* "!domain" in this list, and in all */
};

static void unlisted(void *ctx, struct span item)
{
    struct apply *a = ctx;

    a->complete = false;
    site_warn(
        a->site, "table-not-listed",
        "%s has the table %.*s, whose content can't be listed: a domain that is only in it "
        "becomes known when mail for it is delivered. List such domains in own_domains in [site].",
        a->name, SPAN_ARG(postconf_shown(item)));
}

static void warn_everything(struct apply *a)
{
    a->complete = false;
    site_warn(a->site, "domain-list-matches-all",
              "%s has a table that matches every domain, so mail for anywhere is treated as ours "
              "and relayed. List the domains in %s instead.",
              a->name, a->name);
}

/* In tables of addresses, "user@example.org" and "@example.org" rewrite addresses and make no
 * domain ours; nor does "postmaster". */
static bool is_domain_item(const struct apply *a, struct span item, bool from_table)
{
    if (item.len == 0 || span_find(item, '@') >= 0)
        return false;
    if (from_table && a->mail_keys && span_find(item, '.') < 0)
        return false;
    /* Only in relay_domains does Postfix look for ".example.org". */
    return a->class == CLASS_RELAY_DOMAIN || item.at[0] != '.';
}

/* mydestination = [192.0.2.1] names an address of this host. */
static void take_literal(struct apply *a, struct span item)
{
    struct network net;

    if (network_parse(item, &net) && net.prefix == 128)
        site_add_own_address(a->site, &net.base);
}

static void add_listed(struct apply *a, struct span domain)
{
    if (site_add_domain(a->site, domain, a->class, a->subdomains)) {
        site_set_address_class(a->site, domain, a->addresses);
        return;
    }
    a->complete = false;
    site_warn(a->site, "domains-not-taken",
              "%s has an entry that is not a domain, or more than the %d domains that can be "
              "kept: mail for those left out looks like mail to the outside.",
              a->name, SITE_DOMAINS_MAX);
}

static bool take_domain(void *ctx, struct span item, bool negated, bool from_table)
{
    struct apply *a = ctx;

    if (span_equal(item, POSTCONF_EVERYTHING)) {
        if (!negated)
            warn_everything(a);
    } else if (item.len && item.at[0] == '[') {
        take_literal(a, item);
    } else if (!is_domain_item(a, item, from_table)) {
        return true;
    } else if (negated) {
        domains_configure(&a->here, item, CLASS_OUTSIDE, a->subdomains, SITE_DOMAINS_MAX);
    } else if (domains_class(&a->here, item) == CLASS_UNKNOWN) {
        add_listed(a, item);
    }
    return true;
}

/* "!domain" excludes it from that list only, and another list may still have it. So excluded
 * domains are added to the site last. */
static void keep_taken_out(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                           enum proof proof, uint8_t door)
{
    struct apply *a = ctx;

    (void)proof;
    (void)door;
    domains_configure(&a->taken_out, domain, class, subdomains, SITE_DOMAINS_MAX);
}

static void tell_taken_out(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                           enum proof proof, uint8_t door)
{
    struct apply *a = ctx;

    (void)proof;
    (void)door;
    site_add_domain(a->site, domain, class, subdomains);
}

/* One setting that lists domains of that class. */
static void apply_list(struct apply *a, const char *name, enum address_class addresses,
                       bool subdomains, bool mail_keys)
{
    char *value = postconf_value(a->postconf, a->site, name);

    a->name = name;
    if (!value || !domains_init(&a->here)) {
        a->complete = false;
        free(value);
        return;
    }
    a->class = addresses == ADDRESS_RELAY ? CLASS_RELAY_DOMAIN : CLASS_OURS;
    a->addresses = addresses;
    a->subdomains = subdomains;
    a->mail_keys = mail_keys;
    postconf_each_item(&a->walk, span_str(value));
    domains_each(&a->here, keep_taken_out, a);
    domains_done(&a->here);
    free(value);
}

/* "postconf -n" does not say myhostname if the system gives it. */
static void warn_hostname(struct apply *a)
{
    struct span own = postconf_get_or_default(a->postconf, "mydestination");

    if (postconf_has(a->postconf, "myhostname") || !memmem(own.at, own.len, "myhostname", 10))
        return;
    a->complete = false;
    site_warn(a->site, "myhostname-unknown",
              "The settings given don't include myhostname, so the domains in mydestination that "
              "depend on it are unknown. Pass the whole output of postconf, or list them in "
              "own_domains in [site].");
}

/* Whose MX records name this host, no list tells. */
static void apply_mx_backup(struct apply *a)
{
    static const struct span word = SPAN("permit_mx_backup");

    if (!postconf_lists(a->postconf, a->site, "smtpd_relay_restrictions", word) &&
        !postconf_lists(a->postconf, a->site, "smtpd_recipient_restrictions", word))
        return;
    a->complete = false;
    site_set_fact(a->site, SITE_MX_BACKUP);
    site_warn(a->site, "mx-backup",
              "permit_mx_backup accepts mail for all domains whose MX records name this host, "
              "which no list tells. So mail for domains that nothing else shows to be outside is "
              "not reported as relaying. List the domains in relay_domains instead.");
}

static void apply_all(struct apply *a)
{
    bool below = postconf_lists(a->postconf, a->site, "parent_domain_matches_subdomains",
                                SPAN("relay_domains"));

    apply_list(a, "mydestination", ADDRESS_LOCAL, false, false);
    apply_list(a, "virtual_alias_domains", ADDRESS_VIRTUAL_ALIAS, false, true);
    apply_list(a, "virtual_mailbox_domains", ADDRESS_VIRTUAL_MAILBOX, false, true);
    apply_list(a, "relay_domains", ADDRESS_RELAY, below, false);
    domains_each(&a->taken_out, tell_taken_out, a);
    warn_hostname(a);
    apply_mx_backup(a);
    site_domains_configured(a->site, a->complete);
}

bool postconf_apply_domains(const struct postconf *postconf, struct site *site, postconf_list *list,
                            void *ctx)
{
    struct apply a = {.postconf = postconf, .site = site, .complete = true};

    if (!domains_init(&a.taken_out))
        return false;
    a.walk = (struct postconf_walk){
        .list = list, .list_ctx = ctx, .item = take_domain, .unlisted = unlisted, .ctx = &a};
    apply_all(&a);
    domains_done(&a.taken_out);
    return true;
}
