/* SPDX-License-Identifier: MIT */
#include "site/postconf_services.h"

#include <stdio.h>
#include <stdlib.h>

#include "site/postconf_networks.h"
#include "site/postconf_restrictions.h"
#include "site/postconf_value.h"

/* "submission/inet/smtpd_relay_restrictions" and the like. */
enum { NAME_MAX_BYTES = 300 };

struct apply {
    const struct postconf *postconf;
    struct site *site;
    postconf_list *list;
    void *list_ctx;
};

/* False if it is longer than any name that postconf_parse takes. */
static bool copy_name(char name[NAME_MAX_BYTES], struct span text)
{
    return snprintf(name, NAME_MAX_BYTES, "%.*s", SPAN_ARG(text)) < NAME_MAX_BYTES;
}

/* "submission/inet" of "submission/inet/mynetworks". */
static struct span service_of(struct span name)
{
    return span_head(name, (size_t)span_find_last(name, '/'));
}

/* Strangers can't connect to a socket or to a loopback address. A service of another program has
 * none of smtpd's settings, whatever it is given. */
static bool is_for_all(const struct apply *a, struct span service)
{
    static const struct span loopback[] = {SPAN("127."), SPAN("[::1]:"), SPAN("localhost:")};
    char name[NAME_MAX_BYTES];

    if (!span_ends(service, SPAN("/inet")) && !span_ends(service, SPAN("/pass")))
        return false;
    for (size_t i = 0; i < sizeof(loopback) / sizeof(*loopback); i++)
        if (span_starts(service, loopback[i]))
            return false;
    if (!copy_name(name, service))
        return false;
    struct span command = postconf_get(a->postconf, name);
    return !command.len || span_equal(command, SPAN("smtpd")) ||
           span_starts(command, SPAN("smtpd "));
}

static void take_networks(void *ctx, struct span name, struct span value)
{
    struct apply *a = ctx;
    char text[NAME_MAX_BYTES];

    (void)value;
    if (is_for_all(a, service_of(name)) && copy_name(text, name))
        postconf_add_networks(a->postconf, a->site, a->list, a->list_ctx, text);
}

static void take_xforward(void *ctx, struct span name, struct span value)
{
    struct apply *a = ctx;
    char text[NAME_MAX_BYTES];

    (void)value;
    if (copy_name(text, name))
        postconf_add_xforward(a->postconf, a->site, a->list, a->list_ctx, text);
}

static void check_service(void *ctx, struct span name, struct span value)
{
    struct apply *a = ctx;
    char service[NAME_MAX_BYTES];

    (void)value;
    if (is_for_all(a, service_of(name)) && copy_name(service, service_of(name)))
        postconf_warn_service(a->postconf, a->site, service);
}

static void apply_certificates(struct apply *a, const char *restrictions)
{
    bool all =
        postconf_lists(a->postconf, a->site, restrictions, SPAN("permit_tls_all_clientcerts"));
    char *listed = NULL;

    if (all || postconf_lists(a->postconf, a->site, restrictions, SPAN("permit_tls_clientcerts")))
        listed = postconf_value(a->postconf, a->site, "relay_clientcerts");
    if (all)
        site_set_fact(a->site, SITE_ALL_CERTS);
    if (listed && span_trim(span_str(listed)).len)
        site_set_fact(a->site, SITE_LISTED_CERTS);
    free(listed);
}

static void take_certificates(void *ctx, struct span name, struct span value)
{
    char text[NAME_MAX_BYTES];

    (void)value;
    if (copy_name(text, name))
        apply_certificates(ctx, text);
}

void postconf_apply_services(const struct postconf *postconf, struct site *site,
                             postconf_list *list, void *ctx)
{
    struct apply a = {postconf, site, list, ctx};

    postconf_each(postconf, "/mynetworks", take_networks, &a);
    postconf_each(postconf, "/smtpd_authorized_xforward_hosts", take_xforward, &a);
    postconf_each(postconf, "/smtpd_relay_restrictions", check_service, &a);
    postconf_each(postconf, "/smtpd_recipient_restrictions", check_service, &a);
    apply_certificates(&a, "smtpd_relay_restrictions");
    apply_certificates(&a, "smtpd_recipient_restrictions");
    postconf_each(postconf, "/smtpd_relay_restrictions", take_certificates, &a);
    postconf_each(postconf, "/smtpd_recipient_restrictions", take_certificates, &a);
}
