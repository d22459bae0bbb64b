/* SPDX-License-Identifier: MIT */
#include "site/postconf_networks.h"

#include <stdlib.h>

#include "site/postconf_value.h"

/* A list of networks that is being added to the site. */
struct apply {
    const struct postconf *postconf;
    struct site *site;
    struct postconf_walk walk;
    const char *name; /* of the current setting */
    bool named;       /* it was warned about a name in it */
};

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
    else if (!site_add_network_of(a->site, a->name, true, &net, trusted))
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
static void apply_style(struct apply *a)
{
    char *style = postconf_value(a->postconf, a->site, "mynetworks_style");

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

/* One setting that lists networks. False if it can't be expanded. */
static bool apply_list(struct apply *a, const char *name)
{
    char *value = postconf_value(a->postconf, a->site, name);

    a->name = name;
    a->named = false;
    a->walk.item = take_network;
    a->walk.unlisted = networks_unlisted;
    if (!value)
        return false;
    postconf_each_item(&a->walk, span_str(value));
    free(value);
    return true;
}

static void ignore_unlisted(void *ctx, struct span item)
{
    (void)ctx;
    (void)item;
}

static bool take_own_address(void *ctx, struct span item, bool negated, bool from_table)
{
    struct apply *a = ctx;
    struct network net;

    if (!negated && !from_table && network_parse(item, &net) && net.prefix == 128)
        site_add_own_address(a->site, &net.base);
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
    char *value = postconf_value(a->postconf, a->site, name);

    a->walk.item = take;
    a->walk.unlisted = ignore_unlisted;
    if (value)
        postconf_each_item(&a->walk, span_str(value));
    free(value);
}

void postconf_add_networks(const struct postconf *postconf, struct site *site, postconf_list *list,
                           void *ctx, const char *name)
{
    struct apply a = {.postconf = postconf, .site = site};

    a.walk = (struct postconf_walk){.list = list, .list_ctx = ctx, .ctx = &a};
    apply_list(&a, name);
}

void postconf_add_xforward(const struct postconf *postconf, struct site *site, postconf_list *list,
                           void *ctx, const char *name)
{
    struct apply a = {.postconf = postconf, .site = site};

    a.walk = (struct postconf_walk){.list = list, .list_ctx = ctx, .ctx = &a};
    apply_plain(&a, name, take_xforward);
}

void postconf_apply_networks(const struct postconf *postconf, struct site *site,
                             postconf_list *list, void *ctx)
{
    struct apply a = {.postconf = postconf, .site = site};

    a.walk = (struct postconf_walk){.list = list, .list_ctx = ctx, .ctx = &a};
    if (!postconf_has(postconf, "mynetworks"))
        apply_style(&a);
    else if (apply_list(&a, "mynetworks"))
        site_networks_configured(site);
    apply_plain(&a, "inet_interfaces", take_own_address);
    apply_plain(&a, "proxy_interfaces", take_own_address);
    apply_plain(&a, "smtpd_authorized_xforward_hosts", take_xforward);
}
