/* SPDX-License-Identifier: MIT */
#include "judge/evidence.h"

#include "detect/cell_names.h"
#include "detect/scope.h"
#include "judge/connectors.h"

/* What a login or a uid sent, or a notice, has left whatever our domains are; and so has what a
 * trusted client sent, unless it was to a domain that this host may be a gateway for. */
static bool is_outside_now(const struct site *site, struct span domain, enum kind kind)
{
    enum domain_class class = site_class(site, domain);
    bool known = kind == KIND_ACCOUNT_ABUSE || kind == KIND_LOCAL_ABUSE ||
                 kind == KIND_BACKSCATTER_SOURCE ||
                 (kind == KIND_TRUSTED_RELAY && !site_is_like_gateway_for(site, domain));

    if (kind == KIND_BACKSCATTER_SOURCE && site_writes_as(site, domain))
        return false;
    return class == CLASS_OUTSIDE || (class == CLASS_UNKNOWN && known);
}

/* Whose networks are trusted where the cell's evidence came in. */
static uint16_t networks_of(const struct clients *clients, const struct cell *cell)
{
    const struct intern *name = cell->once ? cell->once->host_name : cell->rest->host_name;
    uint16_t host = scope_host(cell->scope);

    if (name) /* the scope is the fleet's */
        host = hosts_find(clients->hosts, intern_span(name));
    return host != HOSTS_NONE ? clients->hosts->networks[host]
                              : site_networks_of(clients->site, intern_span(name));
}

static bool is_trusted(struct clients *clients, const struct cell *cell, struct intern *client)
{
    return clients_find(clients, client, networks_of(clients, cell))->why != NULL;
}

/* It seems to be the site's, as connectors.h has it, where no networks are told: a machine of the
 * sender's domain, hardly refused. */
static bool is_of_domain(const struct clients *clients, const struct cell *cell,
                         const struct intern *client, struct span domain)
{
    return cell->totals.bounced * CONNECTORS_REFUSED <= cell->totals.recipients &&
           !site_knows_networks(clients->site, networks_of(clients, cell)) &&
           connectors_is_of_domain(clients->site, intern_span(client), domain);
}

static enum evidence of_once(const struct site *site, struct clients *clients,
                             const struct cell *cell, enum kind kind)
{
    struct span domain = intern_span(cell->once->recipient_domain);
    struct span sender = span_of(cell->once->text, cell->once->sender_len);
    struct intern *client = cell->once->client;

    if (!domain.len)
        return EVIDENCE_STANDS;
    if (kind == KIND_OPEN_RELAY &&
        (is_trusted(clients, cell, client) ||
         is_of_domain(clients, cell, client, mail_address_domain(sender))))
        return EVIDENCE_VOID;
    return is_outside_now(site, domain, kind) ? EVIDENCE_STANDS : EVIDENCE_VOID;
}

enum evidence evidence_now(const struct site *site, struct clients *clients,
                           const struct cell *cell, enum kind kind)
{
    if (cell->once)
        return of_once(site, clients, cell, kind);
    const struct tally *domains = &cell->rest->recipient_domains;
    uint32_t outside = 0;

    if (kind == KIND_BACKSCATTER_VICTIM || !domains->count)
        return EVIDENCE_STANDS;
    struct intern *client = cell->rest->client_name;
    if (kind == KIND_OPEN_RELAY &&
        (is_trusted(clients, cell, client) ||
         is_of_domain(clients, cell, client, intern_span(cell_key_text(cell, KEY_SENDER_DOMAIN)))))
        return EVIDENCE_VOID;
    for (uint32_t i = 0; i < domains->count; i++)
        outside += is_outside_now(site, intern_span(domains->entry[i].text), kind);
    if (outside == domains->count)
        return EVIDENCE_STANDS;
    return outside || domains->more ? EVIDENCE_IN_PART : EVIDENCE_VOID;
}
