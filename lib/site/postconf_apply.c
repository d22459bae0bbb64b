/* SPDX-License-Identifier: MIT */
#include "site/postconf_apply.h"

#include <stdlib.h>

#include "site/postconf_domains.h"
#include "site/postconf_exits.h"
#include "site/postconf_networks.h"
#include "site/postconf_restrictions.h"
#include "site/postconf_route.h"
#include "site/postconf_services.h"
#include "site/postconf_value.h"
#include "site/site_accounts.h"

static void apply_facts(const struct postconf *postconf, struct site *site)
{
    site_set_fact(site, SITE_POSTCONF);
    if (postconf_is_set(postconf, site, "relayhost") ||
        span_find(postconf_get(postconf, "default_transport"), ':') > 0)
        site_set_fact(site, SITE_RELAYHOST);
    if (postconf_is_set(postconf, site, "recipient_bcc_maps") ||
        postconf_is_set(postconf, site, "sender_bcc_maps"))
        site_set_fact(site, SITE_BCC_MAPS);
    if (!postconf_passes_ours_to_smtp(postconf))
        site_set_fact(site, SITE_SMTP_LEAVES);
    struct span shown = span_trim(postconf_get(postconf, "enable_original_recipient"));
    if (!span_equal(shown, SPAN("no")) || !postconf_is_set(postconf, site, "virtual_alias_maps"))
        return;
    site_set_fact(site, SITE_NO_ORIG_TO);
    site_warn(
        site, "no-original-recipient",
        "enable_original_recipient = no: the log doesn't say whom forwarded mail came for, so "
        "an open relay can't be told from a virtual alias. Set it to yes.");
}

static void apply_host(const struct postconf *postconf, struct site *site)
{
    char *name =
        postconf_has(postconf, "myhostname") ? postconf_value(postconf, site, "myhostname") : NULL;

    if (name)
        site_set_settings_host(site, span_trim(span_str(name)));
    free(name);
}

/* Our mail is sent under these, wherever mail to them goes. */
static void apply_senders(const struct postconf *postconf, struct site *site)
{
    static const char *const names[] = {"myorigin", "mydomain"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char *value = postconf_value(postconf, site, names[i]);
        struct span domain = value ? span_trim(span_str(value)) : SPAN_NONE;
        if (domain.len && domain.at[0] != '/') /* a file, on Debian */
            site_add_sender_domain(site, domain);
        free(value);
    }
}

/* Dovecot has a setting of its own for it. */
static void apply_logins(const struct postconf *postconf, struct site *site)
{
    struct span type = span_trim(postconf_get(postconf, "smtpd_sasl_type"));
    char *value = !type.len || span_equal(type, SPAN("cyrus"))
                      ? postconf_value(postconf, site, "smtpd_sasl_local_domain")
                      : NULL;

    if (value)
        site_set_login_domain(site, span_trim(span_str(value)));
    free(value);
}

/* Without a version, compatibility_level is a lower bound: "3.6" needs at least that. */
static void apply_address_form(const struct postconf *postconf, struct site *site)
{
    struct span form = postconf_get(postconf, "info_log_address_format");
    uint64_t version = postconf_version(postconf_get(postconf, "mail_version"));
    uint64_t level = postconf_version(postconf_get(postconf, "compatibility_level"));

    if (version == 0 && level >= 3005)
        version = level;
    if (span_equal(form, SPAN("internal")) || (version && version < 3005))
        site_set_address_form(site, ADDRESS_FORM_INTERNAL);
    else if (form.len || version)
        site_set_address_form(site, ADDRESS_FORM_EXTERNAL);
}

/* Mail for users who don't exist should be refused, not bounced: the cause of most backscatter. */
static void warn_recipient_maps(const struct postconf *postconf, struct site *site)
{
    char *relay = postconf_value(postconf, site, "relay_domains"),
         *own = postconf_value(postconf, site, "mydestination");
    bool relays = relay && own && span_trim(span_str(relay)).len &&
                  !span_equal(span_trim(span_str(relay)), span_trim(span_str(own)));

    free(relay);
    free(own);
    if (postconf_has(postconf, "local_recipient_maps") &&
        postconf_is_empty(postconf, site, "local_recipient_maps"))
        site_warn(site, "local-recipient-maps-empty",
                  "local_recipient_maps is empty, so mail for users who don't exist is accepted, "
                  "then bounced to senders who are mostly forged. Remove the setting, or list "
                  "the tables of your users in it.");
    /* Asking the next hop is as good as a table. */
    if (relays && postconf_is_empty(postconf, site, "relay_recipient_maps") &&
        !postconf_lists(postconf, site, "smtpd_recipient_restrictions",
                        SPAN("reject_unverified_recipient")))
        site_warn(site, "relay-recipient-maps-missing",
                  "relay_domains is set but relay_recipient_maps is not, so mail for users who "
                  "don't exist there is accepted, then bounced to senders who are mostly forged. "
                  "List the tables of those users in relay_recipient_maps.");
}

bool postconf_apply(const struct postconf *postconf, struct site *site, postconf_list *list,
                    void *ctx)
{
    if (postconf_count(postconf) == 0 || !postconf_apply_domains(postconf, site, list, ctx))
        return false;
    postconf_apply_networks(postconf, site, list, ctx);
    postconf_apply_exits(postconf, site, list, ctx);
    apply_facts(postconf, site);
    apply_host(postconf, site);
    apply_senders(postconf, site);
    apply_logins(postconf, site);
    apply_address_form(postconf, site);
    postconf_apply_services(postconf, site, list, ctx);
    postconf_warn_relay(postconf, site);
    warn_recipient_maps(postconf, site);
    return true;
}
