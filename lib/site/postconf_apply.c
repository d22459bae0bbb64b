/* SPDX-License-Identifier: MIT */
#include "site/postconf_apply.h"

#include <stdlib.h>

#include "site/domains.h"
#include "site/postconf_expand.h"
#include "site/postconf_filter.h"
#include "site/postconf_restrictions.h"
#include "site/postconf_route.h"

/* A list of domains or networks that is being added to the site. */
struct apply {
    const struct postconf *postconf;
    struct site *site;
    struct postconf_walk walk;
    const char *name; /* of the current setting */
    enum domain_class class;
    bool subdomains;                /* a domain stands for its subdomains too */
    bool mail_keys;                 /* its tables have mail addresses as keys, and some domains */
    bool named;                     /* it was warned about a name among the networks */
    bool complete;                  /* nothing was left out so far */
    struct domains here, taken_out; /* "!domain" in this list, and in all */
};

/* The expanded value or default of a setting, which the caller frees. */
static char *value_of(struct apply *a, const char *name)
{
    char *value = postconf_expand(a->postconf, postconf_get_or_default(a->postconf, name));

    a->name = name;
    if (!value)
        site_warn(a->site, "setting-not-understood",
                  "%s can't be expanded: it refers to itself, or is far too long. Its value is "
                  "ignored. Run postconf -x %s to see it.",
                  name, name);
    return value;
}

static bool is_empty(struct apply *a, const char *name)
{
    char *value = value_of(a, name);
    bool empty = value && span_trim(span_str(value)).len == 0;

    free(value);
    return empty;
}

/* --- domains --- */

static void domains_unlisted(void *ctx, struct span item)
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
    } else if (domains_class(&a->here, item) == CLASS_UNKNOWN &&
               !site_add_domain(a->site, item, a->class, a->subdomains)) {
        a->complete = false;
        site_warn(a->site, "domains-not-taken",
                  "%s has an entry that is not a domain, or more than the %d domains that can be "
                  "kept: mail for those left out looks like mail to the outside.",
                  a->name, SITE_DOMAINS_MAX);
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
static void apply_domains(struct apply *a, const char *name, enum domain_class class,
                          bool subdomains, bool mail_keys)
{
    char *value = value_of(a, name);

    if (!value || !domains_init(&a->here)) {
        a->complete = false;
        free(value);
        return;
    }
    a->class = class;
    a->subdomains = subdomains;
    a->mail_keys = mail_keys;
    a->walk.item = take_domain;
    a->walk.unlisted = domains_unlisted;
    postconf_each_item(&a->walk, span_str(value));
    domains_each(&a->here, keep_taken_out, a);
    domains_done(&a->here);
    free(value);
}

/* Only looks at the items themselves, not into files and tables. */
static bool list_has(struct apply *a, const char *name, struct span wanted)
{
    char *value = value_of(a, name);
    struct span list = span_str(value), item;
    bool found = false;

    while (!found && postconf_next(&list, &item))
        found = span_equal(item, wanted);
    free(value);
    return found;
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

static void apply_all_domains(struct apply *a)
{
    bool below = list_has(a, "parent_domain_matches_subdomains", SPAN("relay_domains"));

    apply_domains(a, "mydestination", CLASS_OURS, false, false);
    apply_domains(a, "virtual_alias_domains", CLASS_OURS, false, true);
    apply_domains(a, "virtual_mailbox_domains", CLASS_OURS, false, true);
    apply_domains(a, "relay_domains", CLASS_RELAY_DOMAIN, below, false);
    domains_each(&a->taken_out, tell_taken_out, a);
    warn_hostname(a);
    site_domains_configured(a->site, a->complete);
}

/* --- networks --- */

static void networks_unlisted(void *ctx, struct span item)
{
    struct apply *a = ctx;

    site_networks_incomplete(a->site);
    site_warn(a->site, "table-not-listed",
              "%s has the table %.*s, whose content can't be listed: clients that are only in it "
              "look like strangers. List their networks in trusted_networks in [site].",
              a->name, SPAN_ARG(postconf_shown(item)));
}

/* Warns once per list. */
static void warn_name(struct apply *a, struct span item)
{
    site_networks_incomplete(a->site);
    if (!a->named)
        site_warn(a->site, "network-by-name",
                  "%s has \"%.*s\", which is not a network and can't be compared with a client's "
                  "address. Put the address itself there, or in trusted_networks in [site].",
                  a->name, SPAN_ARG(postconf_shown(item)));
    a->named = true;
}

static void add_network(struct apply *a, struct span item, bool trusted)
{
    struct network net;

    if (!network_parse(item, &net))
        warn_name(a, item);
    else if (!site_add_network(a->site, &net, trusted))
        site_warn(a->site, "networks-not-taken",
                  "%s has more than the %d networks that can be kept: clients in the others look "
                  "like strangers.",
                  a->name, SITE_NETWORKS_MAX);
}

static bool take_network(void *ctx, struct span item, bool negated, bool from_table)
{
    struct apply *a = ctx;

    (void)from_table;
    if (span_equal(item, POSTCONF_EVERYTHING)) {
        add_network(a, SPAN("0.0.0.0/0"), !negated);
        add_network(a, SPAN("::/0"), !negated);
    } else if (item.len) {
        add_network(a, item, !negated);
    }
    return true;
}

/* Without mynetworks, mynetworks_style decides: "host" means loopback and this host, other styles
 * the networks of its interfaces. */
static void apply_networks_style(struct apply *a)
{
    char *style = value_of(a, "mynetworks_style");

    if (style && span_equal(span_trim(span_str(style)), SPAN("host")))
        site_networks_configured(a->site);
    else
        site_warn(a->site, "mynetworks-unknown",
                  "mynetworks is not in the settings given, so Postfix trusts the networks that "
                  "this host is in (mynetworks_style = %.20s). They are unknown here, so private "
                  "networks are treated as trusted. Set mynetworks.",
                  text_or_empty(style));
    free(style);
}

static void apply_networks(struct apply *a)
{
    char *value;

    if (!postconf_has(a->postconf, "mynetworks")) {
        apply_networks_style(a);
        return;
    }
    value = value_of(a, "mynetworks");
    a->walk.item = take_network;
    a->walk.unlisted = networks_unlisted;
    if (value) {
        postconf_each_item(&a->walk, span_str(value));
        site_networks_configured(a->site);
    }
    free(value);
}

static void ignore_unlisted(void *ctx, struct span item)
{
    (void)ctx;
    (void)item;
}

static bool take_own_address(void *ctx, struct span item, bool negated, bool from_table)
{
    if (!negated && !from_table)
        take_literal(ctx, item);
    return true;
}

static bool take_xforward(void *ctx, struct span item, bool negated, bool from_table)
{
    struct apply *a = ctx;
    struct network net;

    (void)from_table;
    if (!negated && network_parse(item, &net))
        site_add_xforward(a->site, &net);
    return true;
}

/* Reads a list, and ignores what can't be listed. */
static void apply_plain(struct apply *a, const char *name,
                        bool (*take)(void *, struct span, bool, bool))
{
    char *value = value_of(a, name);

    a->walk.item = take;
    a->walk.unlisted = ignore_unlisted;
    if (value)
        postconf_each_item(&a->walk, span_str(value));
    free(value);
}

static void apply_copies(struct apply *a)
{
    char *value = value_of(a, "always_bcc");
    if (value)
        site_add_copy(a->site, span_trim(span_str(value)));
    free(value);
}

static bool is_set(struct apply *a, const char *name)
{
    return postconf_has(a->postconf, name) && !is_empty(a, name);
}

static void apply_facts(struct apply *a)
{
    if (is_set(a, "relayhost") ||
        span_find(postconf_get(a->postconf, "default_transport"), ':') > 0)
        site_set_fact(a->site, SITE_RELAYHOST);
    if (is_set(a, "recipient_bcc_maps") || is_set(a, "sender_bcc_maps"))
        site_set_fact(a->site, SITE_BCC_MAPS);
    if (!postconf_passes_ours_to_smtp(a->postconf))
        site_set_fact(a->site, SITE_SMTP_LEAVES);
    struct span shown = span_trim(postconf_get(a->postconf, "enable_original_recipient"));
    if (!span_equal(shown, SPAN("no")) || !is_set(a, "virtual_alias_maps"))
        return;
    site_set_fact(a->site, SITE_NO_ORIG_TO);
    site_warn(
        a->site, "no-original-recipient",
        "enable_original_recipient = no: the log doesn't say whom forwarded mail came for, so "
        "an open relay can't be told from a virtual alias. Set it to yes.");
}

static void apply_host(struct apply *a)
{
    char *name = postconf_has(a->postconf, "myhostname") ? value_of(a, "myhostname") : NULL;

    if (name)
        site_set_settings_host(a->site, span_trim(span_str(name)));
    free(name);
}

/* Our mail is sent under these, wherever mail to them goes. */
static void apply_senders(struct apply *a)
{
    static const char *const names[] = {"myorigin", "mydomain"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char *value = value_of(a, names[i]);
        struct span domain = value ? span_trim(span_str(value)) : SPAN_NONE;
        if (domain.len && domain.at[0] != '/') /* a file, on Debian */
            site_add_sender_domain(a->site, domain);
        free(value);
    }
}

static void apply_filter(struct apply *a)
{
    char *value = value_of(a, "content_filter");

    if (value)
        postconf_apply_filter(a->site, span_trim(span_str(value)));
    free(value);
}

/* --- the rest --- */

/* Without a version, compatibility_level is a lower bound: "3.6" needs at least that. */
static void apply_address_form(struct apply *a)
{
    struct span form = postconf_get(a->postconf, "info_log_address_format");
    uint64_t version = postconf_version(postconf_get(a->postconf, "mail_version"));
    uint64_t level = postconf_version(postconf_get(a->postconf, "compatibility_level"));

    if (version == 0 && level >= 3005)
        version = level;
    if (span_equal(form, SPAN("internal")) || (version && version < 3005))
        site_set_address_form(a->site, ADDRESS_FORM_INTERNAL);
    else if (form.len || version)
        site_set_address_form(a->site, ADDRESS_FORM_EXTERNAL);
}

/* Mail for users who don't exist should be refused, not bounced: the cause of most backscatter. */
static void warn_recipient_maps(struct apply *a)
{
    char *relay = value_of(a, "relay_domains"), *own = value_of(a, "mydestination");
    bool relays = relay && own && span_trim(span_str(relay)).len &&
                  !span_equal(span_trim(span_str(relay)), span_trim(span_str(own)));

    free(relay);
    free(own);
    if (postconf_has(a->postconf, "local_recipient_maps") && is_empty(a, "local_recipient_maps"))
        site_warn(a->site, "local-recipient-maps-empty",
                  "local_recipient_maps is empty, so mail for users who don't exist is accepted, "
                  "then bounced to senders who are mostly forged. Remove the setting, or list "
                  "the tables of your users in it.");
    /* Asking the next hop is as good as a table. */
    if (relays && is_empty(a, "relay_recipient_maps") &&
        !list_has(a, "smtpd_recipient_restrictions", SPAN("reject_unverified_recipient")))
        site_warn(a->site, "relay-recipient-maps-missing",
                  "relay_domains is set but relay_recipient_maps is not, so mail for users who "
                  "don't exist there is accepted, then bounced to senders who are mostly forged. "
                  "List the tables of those users in relay_recipient_maps.");
}

bool postconf_apply(const struct postconf *postconf, struct site *site, postconf_list *list,
                    void *ctx)
{
    struct apply a = {.postconf = postconf, .site = site, .complete = true};

    if (postconf_count(postconf) == 0 || !domains_init(&a.taken_out))
        return false;
    a.walk = (struct postconf_walk){.list = list, .list_ctx = ctx, .ctx = &a};
    apply_all_domains(&a);
    apply_networks(&a);
    apply_plain(&a, "inet_interfaces", take_own_address);
    apply_plain(&a, "proxy_interfaces", take_own_address);
    apply_plain(&a, "smtpd_authorized_xforward_hosts", take_xforward);
    apply_filter(&a);
    apply_copies(&a);
    apply_facts(&a);
    apply_host(&a);
    apply_senders(&a);
    apply_address_form(&a);
    postconf_warn_relay(postconf, site);
    warn_recipient_maps(&a);
    domains_done(&a.taken_out);
    return true;
}
