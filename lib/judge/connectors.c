/* SPDX-License-Identifier: MIT */
#include "judge/connectors.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "detect/detector.h"
#include "judge/scattered.h"
#include "site/providers.h"

/* What is counted of a day. */
enum what { HANDED_OVER = 1, DOMAIN, DOMAINS, OFFICE, OFFICES, REFUSED };

static uint64_t key(enum what what, uint64_t name)
{
    return hash_mix(name + what * HASH_ODD_2, HASH_ODD_1);
}

/* How many of the kind `all` were seen today, this one included. times: how often this one was. */
static uint32_t place_among(struct judge *judge, const struct message *m, const struct recipient *r,
                            uint64_t all, uint32_t times)
{
    return times == 1 ? scattered_times(judge, m, all, r->at_s)
                      : scattered_lately(judge, m, all, r->at_s);
}

/* Of "name[address]". Postfix logs no name but a confirmed one. */
static struct span name_of_client(struct span client)
{
    ptrdiff_t open = span_find(client, '[');

    return span_head(client, open > 0 ? (size_t)open : 0);
}

/* "outbound.example.com" of "mx1.outbound.example.com[192.0.2.1]". Empty if it is no provider's. */
static struct span provider_of(const struct message *m)
{
    struct span name = name_of_client(intern_span(m->client));

    return provider_sends_from(name) ? span_skip(name, (size_t)span_find(name, '.') + 1)
                                     : SPAN_NONE;
}

static void ask(const struct judge *judge, struct span domain, struct span from)
{
    site_warn(
        judge->classifier.site, "connector?",
        "Mail of %.*s goes to the outside through this host, handed over by %.*s, and nothing "
        "tells which networks may relay. If it is yours, list its networks in "
        "trusted_networks in [site], or get them from Postfix; a provider's are those of its "
        "other customers, too. If not, strangers relay through this host: see "
        "smtpd_relay_restrictions.",
        (int)(domain.len < 100 ? domain.len : 100), domain.at, SPAN_ARG(from));
}

/* Web servers of a hoster send as all its customers, whose names would make as many questions. */
static void ask_of_office(const struct judge *judge, const struct message *m)
{
    char text[NETWORK_TEXT_MAX];
    struct address a;

    if (!address_parse(client_address(intern_span(m->client)), &a))
        return;
    struct network network = network_of(&a);
    ask(judge, SPAN("your domains"), span_str(network_print(&network, text)));
}

/* Mail from outside, for r, under a sender's domain. */
struct handed {
    struct judge *judge;
    const struct message *m;
    const struct recipient *r;
    struct span domain, provider; /* whose machine it came from; empty: no provider's */
    uint64_t name, by;            /* hashes: of the domain, and of the provider or the network */
    bool ours;                    /* mail for the domain comes in here */
};

/* So many today of that domain, from all or from there. */
static uint32_t times_of_domain(const struct handed *h, uint64_t by)
{
    return scattered_times(h->judge, h->m, key(DOMAIN, h->name) + by, h->r->at_s);
}

/* The provider's other customers can tell it to hand mail over here, too, so mail for the sender's
 * domain must come in here, or nothing is known of any domain. */
static bool is_by_provider(const struct handed *h)
{
    const struct site *site = h->judge->classifier.site;
    uint32_t times = times_of_domain(h, h->by);

    if (!h->ours &&
        (site_has_real_domains(site) || !site_may_be_gateway_for(site, h->domain) ||
         place_among(h->judge, h->m, h->r, key(DOMAINS, 0), times) > CONNECTORS_DOMAINS))
        return false;
    if (times == CONNECTORS_ASK)
        ask(h->judge, h->domain, h->provider);
    return true;
}

/* A hash of the client's network; 0 if it has no address. */
static uint64_t network_of_client(const struct judge *judge, const struct message *m)
{
    struct address a;

    return address_parse(client_address(intern_span(m->client)), &a)
               ? network_hash(&a, judge->detector->seed)
               : 0;
}

/* Now and then, an address is wrong; a stranger's recipients refuse more. From then on, all from
 * that network is a stranger's. */
static bool is_refused_much(const struct handed *h)
{
    uint32_t at_s = h->r->at_s;
    uint64_t what = key(REFUSED, h->by);
    uint64_t refused = h->r->status == STATUS_BOUNCED
                           ? scattered_times(h->judge, h->m, what, at_s)
                           : scattered_lately(h->judge, h->m, what, at_s);

    return refused >= CONNECTORS_REFUSED_MIN &&
           refused * CONNECTORS_REFUSED >
               scattered_lately(h->judge, h->m, key(HANDED_OVER, h->by), at_s) + 1;
}

/* Strangers are refused here, mail under that domain of ours is taken, and hardly any recipient
 * refuses it. A stranger's who forges it is. */
static bool may_be_ours(const struct handed *h)
{
    return site_refuses_strangers(h->judge->classifier.site) && h->by && !is_refused_much(h);
}

/* From a provider's line, whose name is under the domain. */
static bool is_by_line(const struct handed *h)
{
    uint32_t times = times_of_domain(h, 0);

    if (!may_be_ours(h))
        return false;
    if (times == CONNECTORS_ASK)
        ask(h->judge, h->domain, SPAN("machines whose names are under it"));
    return true;
}

/* From one or two networks. */
static bool is_by_office(const struct handed *h)
{
    if (!may_be_ours(h))
        return false;
    uint32_t at_s = h->r->at_s,
             times = scattered_times(h->judge, h->m, key(OFFICE, h->by) + h->name, at_s);
    if (place_among(h->judge, h->m, h->r, key(OFFICES, h->name), times) > CONNECTORS_OFFICES)
        return false;
    if (scattered_lately(h->judge, h->m, key(HANDED_OVER, h->by), at_s) + 1 == CONNECTORS_ASK)
        ask_of_office(h->judge, h->m);
    return true;
}

/* Mail for it is delivered here, or goes on to its own server as through a gateway. */
static bool comes_in(const struct site *site, enum domain_class class, struct span domain)
{
    return class == CLASS_OURS || class == CLASS_RELAY_DOMAIN ||
           site_is_like_gateway_for(site, domain);
}

bool connectors_is_of_domain(const struct site *site, struct span client, struct span domain)
{
    return site_refuses_strangers(site) && comes_in(site, site_class(site, domain), domain) &&
           mail_domain_is_related(name_of_client(client), domain);
}

bool connectors_may_hand_over(struct judge *judge, const struct message *m,
                              const struct recipient *r)
{
    const struct site *site = judge->classifier.site;
    struct span sender = intern_span(m->sender), client = intern_span(m->client);
    uint64_t seed = judge->detector->seed;

    if (m->root != ORIGIN_OUTSIDE ||
        site_knows_networks(site, hosts_networks(judge->hosts, m->source)))
        return false;
    struct handed h = {judge, m, r, .domain = mail_address_domain(sender)};
    h.provider = provider_of(m);
    h.by = h.provider.len ? hash_bytes(h.provider, seed) : network_of_client(judge, m);
    if (!sender.len) /* automatic replies: who has sent the other mail? */
        return scattered_lately(judge, m, key(HANDED_OVER, h.by), r->at_s) > 0;
    h.name = hash_nocase(h.domain, seed);
    h.ours = comes_in(site, site_sender_class(site, sender), h.domain);
    if (!h.provider.len && !h.ours)
        return false;
    bool may = h.provider.len                                    ? is_by_provider(&h)
               : connectors_is_of_domain(site, client, h.domain) ? is_by_line(&h)
                                                                 : is_by_office(&h);
    if (may)
        scattered_times(judge, m, key(HANDED_OVER, h.by), r->at_s);
    return may;
}
