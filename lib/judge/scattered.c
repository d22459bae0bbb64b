/* SPDX-License-Identifier: MIT */
#include "judge/scattered.h"

#include "base/hash.h"
#include "detect/detector.h"
#include "site/site_doors.h"

static uint64_t pair_of(const struct judge *judge, const struct message *m, uint64_t what)
{
    return hash_mix(what ^ judge->hosts->host[hosts_host(m->source)].name->hash, HASH_ODD_1) | 1;
}

uint32_t scattered_lately(const struct judge *judge, const struct message *m, uint64_t what,
                          uint32_t at_s)
{
    return familiar_lately(&judge->familiar, pair_of(judge, m, what), at_s);
}

uint32_t scattered_times(struct judge *judge, const struct message *m, uint64_t what, uint32_t at_s)
{
    familiar_see(&judge->familiar, pair_of(judge, m, what), at_s);
    return scattered_lately(judge, m, what, at_s);
}

static uint64_t domain_of(const struct judge *judge, const struct message *m,
                          const struct recipient *r)
{
    uint64_t name = hash_nocase(intern_span(r->text), judge->detector->seed);

    return hash_mix(name + m->root, HASH_ODD_2);
}

/* Nothing is known of the domain, no warning asks about it yet, and smtp(8) took the mail away. */
static bool is_open(const struct judge *judge, const struct recipient *r)
{
    const struct site *site = judge->classifier.site;
    struct span domain = intern_span(r->text);

    return r->flags & RECIPIENT_LEFT && domain.len &&
           (r->class == CLASS_UNKNOWN || r->class == CLASS_RELAY_DOMAIN) &&
           site_class(site, domain) == CLASS_UNKNOWN && !site_is_like_gateway_for(site, domain);
}

bool scattered_is(struct judge *judge, const struct message *m, const struct recipient *r)
{
    bool known = m->root == ORIGIN_ACCOUNT || m->root == ORIGIN_LOCAL || m->root == ORIGIN_TRUSTED;

    return known && is_open(judge, r) &&
           scattered_times(judge, m, domain_of(judge, m, r), r->at_s) <= SCATTERED_MAX;
}

void scattered_ask(struct judge *judge, const struct message *m, const struct recipient *r)
{
    struct site *site = judge->classifier.site;
    struct span server = site_door_name(site, r->door);

    if (m->root != ORIGIN_OUTSIDE || r->class != CLASS_RELAY_DOMAIN || !server.len ||
        r->status != STATUS_SENT || !is_open(judge, r) ||
        scattered_times(judge, m, domain_of(judge, m, r), r->at_s) != 1 ||
        scattered_times(judge, m, HASH_ODD_2 + r->door, r->at_s) != SCATTERED_ASK)
        return;
    site_warn(site, "gateway?",
              "Strangers' mail for %d domains and more goes on to %.*s, and nothing tells whether "
              "this host is a gateway for them or relays through that server. So it is not "
              "reported as relaying. If they are yours, list them in relay_domains in [site]; if "
              "not, strangers relay through this host: see smtpd_relay_restrictions.",
              SCATTERED_ASK, SPAN_ARG(server));
}

bool scattered_is_new(struct judge *judge, const struct message *m, uint64_t what, uint32_t at_s)
{
    bool before = familiar_before(&judge->familiar, pair_of(judge, m, what), at_s);

    return scattered_times(judge, m, what, at_s) == 1 && !before;
}

bool scattered_is_new_to(struct judge *judge, const struct message *m, const struct recipient *r)
{
    return scattered_is_new(judge, m, hash_mix(r->hash, HASH_ODD_1), r->at_s);
}

bool scattered_is_old(const struct judge *judge, const struct message *m, uint64_t what,
                      uint32_t at_s)
{
    return at_s > FAMILIAR_AFTER_S &&
           familiar_before(&judge->familiar, pair_of(judge, m, what), at_s - FAMILIAR_AFTER_S);
}
