/* SPDX-License-Identifier: MIT */
#include "site/site.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mail_address.h"
#include "site/providers.h"
#include "site/site_state.h"

struct site *site_new(void)
{
    struct site *site = calloc(1, sizeof(*site));

    if (!site || (domains_init(&site->domains) && domains_init(&site->senders)))
        return site;
    site_free(site);
    return NULL;
}

void site_free(struct site *site)
{
    if (!site)
        return;
    domains_done(&site->domains);
    domains_done(&site->senders);
    list_done(&site->networks);
    site_hosts_done(site);
    for (size_t i = 0; i < site->accounts.count; i++)
        free(((struct account *)site->accounts.items)[i].name);
    list_done(&site->accounts);
    hash_index_done(&site->account_index);
    list_done(&site->fleet);
    list_done(&site->own);
    list_done(&site->filters.endpoints);
    list_done(&site->exits.endpoints);
    list_done(&site->xforward);
    for (size_t i = 0; i < site->copies.count; i++)
        free(((char **)site->copies.items)[i]);
    list_done(&site->copies);
    for (size_t i = 0; i < site->unlisted.count; i++)
        free(((char **)site->unlisted.items)[i]);
    list_done(&site->unlisted);
    list_done(&site->warnings);
    address_set_done(&site->logins);
    address_set_done(&site->mailboxes);
    free(site);
}

bool site_add_domain(struct site *site, struct span domain, enum domain_class class,
                     bool subdomains)
{
    return domains_configure(&site->domains, domain, class, subdomains, SITE_DOMAINS_MAX);
}

void site_set_address_class(struct site *site, struct span domain, enum address_class class)
{
    domains_set_address_class(&site->domains, domain, class);
}

enum address_class site_address_class(const struct site *site, struct span domain)
{
    return domains_address_class(&site->domains, domain);
}

void site_domains_configured(struct site *site, bool complete)
{
    /* One complete list is enough, whatever others leave out. */
    site->domains_complete |= complete;
    site->domains.changes += !site->domains_configured; /* others are outside now */
    site->domains_configured = true;
}

void site_set_fact(struct site *site, unsigned fact)
{
    site->facts |= fact;
}

bool site_has_fact(const struct site *site, unsigned fact)
{
    return (site->facts & fact) != 0;
}

static void copy_name(char to[256], struct span name)
{
    if (name.len >= 256)
        return;
    if (name.len)
        memcpy(to, name.at, name.len);
    to[name.len] = '\0';
}

void site_set_settings_host(struct site *site, struct span myhostname)
{
    copy_name(site->myhostname, myhostname);
}

void site_set_machine(struct site *site, struct span name)
{
    copy_name(site->machine, name);
}

struct span site_settings_host(const struct site *site)
{
    return span_str(site->myhostname);
}

static bool is_same_host(struct span a, struct span b)
{
    ptrdiff_t dot_a = span_find(a, '.'), dot_b = span_find(b, '.');

    if (a.len && dot_a < 0 && dot_b > 0)
        b.len = (size_t)dot_b;
    if (b.len && dot_b < 0 && dot_a > 0)
        a.len = (size_t)dot_a;
    return a.len && span_equal_nocase(a, b);
}

bool site_is_settings_host(const struct site *site, struct span name)
{
    return is_same_host(name, span_str(site->myhostname)) ||
           is_same_host(name, span_str(site->machine));
}

bool site_add_sender_domain(struct site *site, struct span domain)
{
    return domains_configure(&site->senders, domain, CLASS_OURS, false, SITE_DOMAINS_MAX);
}

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
    return site->domains.changes;
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
    if (class == CLASS_UNKNOWN && (site_knows_domains(site) || provider_has_domain(domain)) &&
        !site_is_like_gateway_for(site, domain))
        return CLASS_OUTSIDE;
    return class;
}

bool site_is_like_gateway_for(const struct site *site, struct span domain)
{
    return site_may_have_more_domains(site) &&
           domains_proof(&site->domains, domain) == PROOF_LIKE_GATEWAY;
}

bool site_may_be_gateway_for(const struct site *site, struct span domain)
{
    return domain.len && domain.at[0] != '[' && site_may_have_more_domains(site) &&
           domains_class(&site->domains, domain) == CLASS_UNKNOWN &&
           domains_proof(&site->domains, domain) != PROOF_LIKE_GATEWAY &&
           !provider_has_domain(domain);
}

bool site_is_outside(const struct site *site, struct span domain)
{
    enum domain_class class = domains_class(&site->domains, domain);

    return class == CLASS_OUTSIDE || (class == CLASS_UNKNOWN && provider_has_domain(domain));
}

enum domain_class site_sender_class(const struct site *site, struct span address)
{
    struct span user, inner, domain = mail_address_domain(address);

    if (mail_address_srs(address, &user, &inner)) /* the sender's domain is the one inside */
        domain = inner;
    if (domains_class(&site->senders, domain) == CLASS_OURS)
        return CLASS_OURS;
    return site_class(site, domain);
}

/* Machines of ours send under names of their own. */
static bool is_under_ours(const struct site *site, struct span domain)
{
    ptrdiff_t dot;

    while ((dot = span_find(domain, '.')) >= 0) {
        domain = span_skip(domain, (size_t)dot + 1);
        if (domain.len && domains_class(&site->domains, domain) == CLASS_OURS)
            return true;
    }
    return false;
}

bool site_is_foreign_sender(const struct site *site, struct span address)
{
    enum domain_class class = site_sender_class(site, address);

    if (class != CLASS_OURS && is_under_ours(site, mail_address_domain(address)))
        return false;
    /* Those behind a gateway may well send through it. */
    return class == CLASS_OUTSIDE ||
           (class == CLASS_UNKNOWN && site->domains.learned_real &&
            !site_is_like_gateway_for(site, mail_address_domain(address)));
}

/* A complete list that is empty is knowledge too: everything is outside. In an incomplete list,
 * "localhost" alone tells nothing, as every host delivers for it. */
bool site_knows_domains(const struct site *site)
{
    return site->domains_configured &&
           (site->domains_complete || site->domains.configured_real || site->domains.learned_real);
}

bool site_has_real_domains(const struct site *site)
{
    return site->domains.configured_real || site->domains.learned_real;
}

bool site_refuses_strangers(const struct site *site)
{
    return site->domains.refused;
}

bool site_may_have_more_domains(const struct site *site)
{
    return !(site->domains_configured && site->domains_complete);
}

bool site_takes_outside(const struct site *site, struct span beginning)
{
    return site_has_fact(site, SITE_SMTP_LEAVES) && !site_may_have_more_domains(site) &&
           !domains_has_like(&site->domains, beginning, CLASS_RELAY_DOMAIN);
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

/* The oldest that is over, or NULL. */
static struct site_warning *oldest_over(struct site *site)
{
    struct site_warning *known = site->warnings.items, *oldest = NULL;

    for (size_t i = 0; i < site->warnings.count; i++)
        if (known[i].over && (!oldest || known[i].number < oldest->number))
            oldest = &known[i];
    return oldest;
}

/* A few dozen warnings at most, so comparing with each of them is fine. */
uint8_t site_warn(struct site *site, const char *code, const char *format, ...)
{
    struct site_warning *known = site->warnings.items;
    char text[SITE_WARNING_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (size_t i = 0; i < site->warnings.count; i++)
        if (strcmp(known[i].code, code) == 0 && strcmp(known[i].text, text) == 0) {
            known[i].over = false;
            return (uint8_t)(i + 1);
        }
    struct site_warning *new = list_add(&site->warnings, sizeof(*new), SITE_WARNINGS_MAX);
    if (!new && !(new = oldest_over(site))) {
        site->warnings_dropped++;
        return 0;
    }
    new->code = code;
    new->over = false;
    new->number = ++site->warnings_given;
    memcpy(new->text, text, strlen(text) + 1);
    return (uint8_t)(new - (struct site_warning *)site->warnings.items + 1);
}

void site_warning_over(struct site *site, uint8_t place)
{
    struct site_warning *warnings = site->warnings.items;

    if (place && place <= site->warnings.count)
        warnings[place - 1].over = true;
}

uint64_t site_warnings_dropped(const struct site *site)
{
    return site->warnings_dropped;
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

struct visit {
    site_domain_visit *visit;
    void *ctx;
};

static void visit_if_by_name(void *ctx, struct span domain, enum domain_class class,
                             bool subdomains, enum proof proof, uint8_t door)
{
    const struct visit *v = ctx;

    if (proof == PROOF_BY_NAME)
        v->visit(v->ctx, domain, class, subdomains, proof, door);
}

void site_each_domain(const struct site *site, site_domain_visit *visit, void *ctx)
{
    struct visit by_name = {visit, ctx};

    domains_each(&site->domains, visit, ctx);
    domains_each(&site->senders, visit_if_by_name, &by_name);
}
