/* SPDX-License-Identifier: MIT */
#include "site/providers.h"
#include "site/site.h"
#include "site/site_accounts.h"
#include "site/site_doors.h"
#include "site/site_state.h"

/* Mail delivered to a mailbox here did not leave, whatever the settings say. */
static void warn_disagree(struct site *site, struct span domain)
{
    if (site->domains_configured && site_class(site, domain) == CLASS_OUTSIDE &&
        !provider_has_domain(domain))
        site_warn(
            site, "settings-disagree",
            "The settings don't list %.*s, but mail for it is delivered to mailboxes here, so it "
            "counts as ours. Check that these are this host's settings, or list it in "
            "own_domains in [site].",
            (int)(domain.len < 100 ? domain.len : 100), domain.at);
}

bool site_writes_as(const struct site *site, struct span domain)
{
    return domains_proof(&site->senders, domain) == PROOF_BY_NAME;
}

/* At SITE_LEARNED_MAX the known domains stay, and new ones are dropped and counted. A domain that
 * gets mail every day was learned long ago, and forgetting it would make its mail look relayed. */
void site_learn(struct site *site, struct span domain, enum domain_class class, enum proof proof,
                uint8_t door)
{
    /* This says something of the host, too, where the domains are known. */
    site->domains.refused |= class == CLASS_OUTSIDE && proof == PROOF_BY_REFUSAL;
    /* An address without a domain, or with a literal, teaches nothing. */
    if (domain.len == 0 || domain.at[0] == '[' ||
        !(proof >= PROOF_BY_SOCKET || proof == PROOF_OF_HOSTNAME ||
          site_may_have_more_domains(site)))
        return;
    /* Nearly all mail is for a domain that its first delivery has proved. */
    const struct domains *known = proof == PROOF_BY_NAME ? &site->senders : &site->domains;
    if (domains_knows(known, domain, class, proof))
        return;
    /* All users of a provider send as it, whoever has set myorigin to it. */
    if (proof == PROOF_BY_NAME && provider_has_domain(domain))
        return;
    if (proof >= PROOF_BY_SOCKET && class == CLASS_OURS && !site_may_have_more_domains(site))
        warn_disagree(site, domain);
    site_learn_again(site, domain, class, proof, door);
}

bool site_sent_away(struct site *site, struct span domain)
{
    if (domains_proof(&site->domains, domain) != PROOF_BY_DELIVERY)
        return false;
    site_learn_again(site, domain, CLASS_UNKNOWN, PROOF_SENT_AWAY, 0);
    return true;
}

void site_learn_again(struct site *site, struct span domain, enum domain_class class,
                      enum proof proof, uint8_t door)
{
    struct domains *to = proof == PROOF_BY_NAME ? &site->senders : &site->domains;
    uint64_t changes = site->senders.changes;

    if (!domains_learn(to, domain, class, proof, door, SITE_LEARNED_MAX))
        site->learned_dropped++;
    /* Answers about senders have changed, and there is one count for all. */
    site->domains.changes += site->senders.changes - changes;
}

bool site_is_proved(const struct site *site, struct span domain, enum proof proof)
{
    return domains_knows(&site->domains, domain, CLASS_OURS, proof);
}

struct learning {
    struct site *to;
    const struct site *from;
};

static void learn_one(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                      enum proof proof, uint8_t door)
{
    struct learning *l = ctx;

    (void)subdomains;
    /* Settings are not learned: each site has its own. */
    if (proof != PROOF_NONE)
        site_learn(l->to, domain, class, proof,
                   door ? site_door(l->to, site_door_name(l->from, door)) : 0);
}

static void learn_account(void *ctx, struct span name, bool in_doubt)
{
    site_restore_account(ctx, name, in_doubt);
}

void site_learn_from(struct site *site, const struct site *from)
{
    /* What `from` had to drop is lost to this site too. */
    site->learned_dropped += from->learned_dropped;
    site_each_domain(from, learn_one, &(struct learning){site, from});
    for (uint8_t door = 1; from->doors.elsewhere && door <= from->doors.count; door++)
        site_door(site, site_door_name(from, door));
    for (uint8_t i = 0; i < from->doors.count; i++) {
        const struct door *d = &from->doors.door[i];
        if (d->domains || d->gives || d->abroad[0] || d->takes_in || d->taken)
            site_door_restore(site, site_door(site, span_of(d->name, d->len)), d);
    }
    site->domains.refused |= from->domains.refused;
    site_see_addresses_of(site, from);
    for (int i = 0; i < SITE_ARCHIVES; i++)
        if (from->archive[i])
            site_learn_archive(site, from->archive[i]);
    site_each_account(from, learn_account, site);
}

bool site_is_archive(const struct site *site, uint64_t address)
{
    for (int i = 0; i < SITE_ARCHIVES && site->archive[i]; i++)
        if (site->archive[i] == address)
            return true;
    return false;
}

bool site_learn_archive(struct site *site, uint64_t address)
{
    int i = 0;

    if (site_is_archive(site, address))
        return false;
    while (i < SITE_ARCHIVES && site->archive[i])
        i++;
    if (i == SITE_ARCHIVES)
        return false;
    site->archive[i] = address;
    return true;
}

void site_forget_archive(struct site *site, uint64_t address)
{
    int kept = 0;

    if (!site_is_archive(site, address))
        return;
    for (int i = 0; i < SITE_ARCHIVES; i++)
        if (site->archive[i] != address)
            site->archive[kept++] = site->archive[i];
    site->archive[kept] = 0;
}

void site_refused_strangers(struct site *site)
{
    site->domains.refused = true;
}

uint64_t site_learned_dropped(const struct site *site)
{
    return site->learned_dropped;
}

void site_set_learned_dropped(struct site *site, uint64_t dropped)
{
    site->learned_dropped = dropped;
}

const char *site_sender_evidence(const struct site *site, struct span domain)
{
    return domains_class(&site->senders, domain) == CLASS_OURS
               ? proof_text(domains_proof(&site->senders, domain))
               : site_evidence(site, domain);
}

const char *site_evidence(const struct site *site, struct span domain)
{
    enum proof proof = domains_proof(&site->domains, domain);

    if (domain.len == 0)
        return "it is an address without a domain";
    if (domains_class(&site->domains, domain) != CLASS_UNKNOWN)
        return proof_text(proof);
    if (provider_has_domain(domain))
        return "it belongs to a public mailbox provider";
    if (proof != PROOF_NONE)
        return proof_text(proof);
    return site_knows_domains(site) ? "the settings don't list it" : "nothing tells whose it is";
}
