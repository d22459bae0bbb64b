/* SPDX-License-Identifier: MIT */
#include "site/domains.h"

#include "base/hash.h"

#define DOMAIN_LEN_MAX 255 /* RFC 1035; `len` below holds no more */
#define SLOTS_MIN      64  /* a power of two, as every slot_count */

/* What is known of one name. `exact` is the class of the domain itself, `below` that of its
 * subdomains; CLASS_UNKNOWN stands for "not said". */
struct domain {
    char *dotted; /* "." and the lower-cased name: serves ".example.org" as well */
    uint8_t len;  /* of the name */
    uint8_t exact, below;
    bool told;
    uint8_t proof; /* of `exact`: an enum proof */
};

struct domain_slot {
    uint32_t hash;
    uint32_t number; /* of the domain, counted from 1; 0 is free */
};

bool domains_init(struct domains *domains)
{
    *domains = (struct domains){.slot_count = SLOTS_MIN};
    domains->slots = calloc(SLOTS_MIN, sizeof(*domains->slots));
    return domains->slots != NULL;
}

void domains_done(struct domains *domains)
{
    struct domain *names = domains->names.items;

    for (size_t i = 0; i < domains->names.count; i++)
        free(names[i].dotted);
    list_done(&domains->names);
    free(domains->slots);
    *domains = (struct domains){0};
}

/* Strangers choose what is looked up, never what is in the table, so they cannot lengthen its
 * chains, and a seed would buy nothing. */
static uint32_t domain_hash(struct span name)
{
    return (uint32_t)hash_nocase(name, 0);
}

static struct span domain_name(const struct domain *d)
{
    return span_of(d->dotted + 1, d->len);
}

/* The slot that holds the name, or the free one where it belongs. */
static struct domain_slot *slot_for(const struct domains *domains, struct span name, uint32_t hash)
{
    const struct domain *names = domains->names.items;
    size_t mask = domains->slot_count - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct domain_slot *slot = &domains->slots[i];
        if (slot->number == 0 ||
            (slot->hash == hash && span_equal_nocase(domain_name(&names[slot->number - 1]), name)))
            return slot;
    }
}

static struct domain *domain_find(const struct domains *domains, struct span name)
{
    struct domain *names = domains->names.items;
    struct domain_slot *slot = slot_for(domains, name, domain_hash(name));

    return slot->number ? &names[slot->number - 1] : NULL;
}

/* Doubles the table before it is more than half full, so that chains stay short. */
static bool slots_make_room(struct domains *domains)
{
    struct domain_slot *old = domains->slots;
    size_t old_count = domains->slot_count;

    if (2 * (domains->names.count + 1) <= old_count)
        return true;
    struct domain_slot *slots = calloc(2 * old_count, sizeof(*slots));
    if (!slots)
        return false;
    domains->slots = slots;
    domains->slot_count = 2 * old_count;
    for (size_t i = 0; i < old_count; i++) {
        size_t to = old[i].hash & (domains->slot_count - 1);
        if (old[i].number == 0)
            continue;
        while (slots[to].number)
            to = (to + 1) & (domains->slot_count - 1);
        slots[to] = old[i];
    }
    free(old);
    return true;
}

/* name is not in the table yet. */
static struct domain *domain_insert(struct domains *domains, struct span name)
{
    char *dotted = malloc(name.len + 2);
    struct domain *d = NULL;

    if (dotted && slots_make_room(domains))
        d = list_add(&domains->names, sizeof(*d), UINT32_MAX);
    if (!d) {
        free(dotted);
        return NULL;
    }
    dotted[0] = '.';
    for (size_t i = 0; i < name.len; i++)
        dotted[i + 1] = ascii_lower(name.at[i]);
    dotted[name.len + 1] = '\0';
    *d = (struct domain){.dotted = dotted, .len = (uint8_t)name.len};
    uint32_t hash = domain_hash(name);
    struct domain_slot *slot = slot_for(domains, name, hash);
    *slot = (struct domain_slot){.hash = hash, .number = (uint32_t)domains->names.count};
    return d;
}

/* Every host delivers mail for these, whatever its own domains are. */
static bool is_loopback_name(struct span name)
{
    return span_equal_nocase(name, SPAN("localhost")) ||
           (name.len > 10 && span_equal_nocase(span_head(name, 10), SPAN("localhost.")));
}

static struct span without_last_dot(struct span name)
{
    return name.len > 1 && name.at[name.len - 1] == '.' ? span_head(name, name.len - 1) : name;
}

static bool is_domain_name(struct span name)
{
    if (name.len == 0 || name.len > DOMAIN_LEN_MAX || name.at[0] == '[' || name.at[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((uint8_t)name.at[i] <= ' ' || name.at[i] == 0x7f || name.at[i] == '@')
            return false;
    return true;
}

/* Whether what was learned shows that other domains are not ours. */
static bool is_real(const struct domain *d)
{
    return d->proof != PROOF_OF_HOSTNAME && !is_loopback_name(domain_name(d));
}

static void unlearn(struct domains *domains, struct domain *d)
{
    domains->learned--;
    domains->learned_real -= is_real(d);
    domains->changes++;
    d->proof = PROOF_CONFIGURED;
    d->exact = CLASS_UNKNOWN;
}

/* Finds or adds the domain as one that a configuration names; NULL at the bound. */
static struct domain *configure_name(struct domains *domains, struct span name, size_t max)
{
    struct domain *d = domain_find(domains, name);

    if (d && d->told)
        return d;
    if (domains->told >= max || (!d && !(d = domain_insert(domains, name))))
        return NULL;
    d->told = true;
    domains->told++;
    if (d->proof != PROOF_CONFIGURED) /* what the log proved stands back behind what is told */
        unlearn(domains, d);
    return d;
}

bool domains_configure(struct domains *domains, struct span domain, enum domain_class class,
                       bool subdomains, size_t max)
{
    bool only_below = span_take(&domain, SPAN("."));
    struct span name = without_last_dot(domain);
    struct domain *d = is_domain_name(name) ? configure_name(domains, name, max) : NULL;

    if (!d)
        return false;
    bool exact = !only_below && d->exact == CLASS_UNKNOWN;
    bool below = (only_below || subdomains) && d->below == CLASS_UNKNOWN;
    if (exact)
        d->exact = (uint8_t) class;
    if (below)
        d->below = (uint8_t) class;
    domains->any_below |= below;
    domains->configured_real |=
        (exact || below) && class != CLASS_OUTSIDE && !is_loopback_name(name);
    domains->changes++;
    return true;
}

bool domains_learn(struct domains *domains, struct span domain, enum proof proof, size_t max)
{
    struct span name = without_last_dot(domain);
    struct domain *d = domain_find(domains, name);

    if (d && d->proof != PROOF_CONFIGURED && d->proof < proof) {
        domains->learned_real -= is_real(d);
        d->proof = (uint8_t)proof;
        domains->learned_real += is_real(d);
        domains->changes++;
    }
    /* A subdomain of ours needs no entry of its own; one that we relay for does. */
    if ((d && d->exact != CLASS_UNKNOWN) || domains_class(domains, name) == CLASS_OURS)
        return true;
    if (!is_domain_name(name) || domains->learned >= max ||
        (!d && !(d = domain_insert(domains, name))))
        return false;
    d->exact = CLASS_OURS;
    d->proof = (uint8_t)proof;
    domains->learned++;
    domains->learned_real += is_real(d);
    domains->changes++;
    return true;
}

/* The nearest parent that speaks for its subdomains. */
static enum domain_class class_from_parents(const struct domains *domains, struct span name)
{
    ptrdiff_t dot;

    while ((dot = span_find(name, '.')) >= 0) {
        name = span_skip(name, (size_t)dot + 1);
        const struct domain *d = domain_find(domains, name);
        if (d && d->below != CLASS_UNKNOWN)
            return (enum domain_class)d->below;
    }
    return CLASS_UNKNOWN;
}

enum domain_class domains_class(const struct domains *domains, struct span domain)
{
    struct span name = without_last_dot(domain);
    const struct domain *d = domain_find(domains, name);

    if (d && d->exact != CLASS_UNKNOWN)
        return (enum domain_class)d->exact;
    return domains->any_below ? class_from_parents(domains, name) : CLASS_UNKNOWN;
}

void domains_each(const struct domains *domains, domains_visit *visit, void *ctx)
{
    const struct domain *names = domains->names.items;

    for (size_t i = 0; i < domains->names.count; i++) {
        const struct domain *d = &names[i];
        bool both = d->exact == d->below;
        if (d->exact != CLASS_UNKNOWN)
            visit(ctx, domain_name(d), (enum domain_class)d->exact, both, (enum proof)d->proof);
        if (d->below != CLASS_UNKNOWN && !both)
            visit(ctx, span_of(d->dotted, d->len + 1U), (enum domain_class)d->below, true,
                  PROOF_CONFIGURED);
    }
}
