/* SPDX-License-Identifier: MIT */
#include "site/domains.h"

#include "base/hash.h"

#define DOMAIN_LEN_MAX 255 /* RFC 1035; `len` below holds no more */
#define SLOTS_MIN      64

/* What is known of one name: `exact` is the class of the domain itself, `below` that of its
 * subdomains, either CLASS_UNKNOWN if nobody said. */
struct domain {
    char *dotted; /* "." and the name in lower case, so that it serves for ".example.org" too */
    uint8_t len;  /* of the name */
    uint8_t exact, below;
    bool configured;
    uint8_t proof;     /* of `exact`: an enum proof */
    uint8_t door;      /* PROOF_BY_DELIVERY, PROOF_BY_SOCKET: by which one (doors.h) */
    uint8_t addresses; /* of `exact`, if configured: an enum address_class */
};

bool domains_init(struct domains *domains)
{
    *domains = (struct domains){0};
    return hash_index_init(&domains->index, SLOTS_MIN);
}

void domains_done(struct domains *domains)
{
    struct domain *names = domains->names.items;

    for (size_t i = 0; i < domains->names.count; i++)
        free(names[i].dotted);
    list_done(&domains->names);
    hash_index_done(&domains->index);
    *domains = (struct domains){0};
}

/* Needs no seed: strangers choose which names are looked up, but not which are in the table, so
 * they can't make its chains longer. */
static uint32_t domain_hash(struct span name)
{
    return (uint32_t)hash_nocase(name, 0);
}

static struct span domain_name(const struct domain *d)
{
    return span_of(d->dotted + 1, d->len);
}

static struct domain *domain_find(const struct domains *domains, struct span name)
{
    struct domain *names = domains->names.items;
    uint32_t hash = domain_hash(name), at = hash, number;

    while ((number = hash_index_next(&domains->index, hash, &at)) != 0)
        if (span_equal_nocase(domain_name(&names[number - 1]), name))
            return &names[number - 1];
    return NULL;
}

/* name is not in the table yet. */
static struct domain *domain_insert(struct domains *domains, struct span name)
{
    char *dotted = malloc(name.len + 2);
    struct domain *d = NULL;

    if (dotted && hash_index_reserve(&domains->index))
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
    hash_index_add(&domains->index, domain_hash(name), (uint32_t)domains->names.count);
    return d;
}

/* Every host delivers mail for these, whatever its domains are. */
static bool is_loopback_name(struct span name)
{
    return span_equal_nocase(name, SPAN("localhost")) ||
           (name.len > 10 && span_equal_nocase(span_head(name, 10), SPAN("localhost.")));
}

/* "example.org." is the same domain as "example.org". */
static struct span without_last_dot(struct span name)
{
    return name.len > 1 && name.at[name.len - 1] == '.' ? span_head(name, name.len - 1) : name;
}

/* Loose on purpose: what Postfix delivers to is a domain, underscores and all. */
static bool is_domain_name(struct span name)
{
    /* "[192.0.2.1]" is an address, and no name begins with a dot. */
    if (name.len == 0 || name.len > DOMAIN_LEN_MAX || name.at[0] == '[' || name.at[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((uint8_t)name.at[i] <= ' ' || name.at[i] == 0x7f || name.at[i] == '@')
            return false;
    return true;
}

/* True if it is one of ours by what was learned, and more than the host's own name. */
static bool is_real(const struct domain *d)
{
    return d->exact == CLASS_OURS && d->proof != PROOF_OF_HOSTNAME &&
           !is_loopback_name(domain_name(d));
}

/* Forgets what was learned of it; the name stays. */
static void unlearn(struct domains *domains, struct domain *d)
{
    domains->learned--;
    domains->learned_real -= is_real(d);
    domains->changes++;
    d->proof = PROOF_NONE;
    d->exact = CLASS_UNKNOWN;
}

/* Finds or adds a domain, and marks it as configured; NULL at the bound. */
static struct domain *configure_name(struct domains *domains, struct span name, size_t max)
{
    struct domain *d = domain_find(domains, name);

    if (d && d->configured)
        return d;
    if (domains->configured >= max || (!d && !(d = domain_insert(domains, name))))
        return NULL;
    d->configured = true;
    domains->configured++;
    if (d->proof != PROOF_NONE) /* settings override what the log proved */
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
    /* What is set already stays: the first list that names a domain decides. */
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

void domains_set_address_class(struct domains *domains, struct span domain,
                               enum address_class class)
{
    struct domain *d = domain_find(domains, without_last_dot(domain));

    if (d && d->configured && d->addresses == ADDRESS_UNKNOWN)
        d->addresses = (uint8_t) class;
}

enum address_class domains_address_class(const struct domains *domains, struct span domain)
{
    const struct domain *d = domain_find(domains, without_last_dot(domain));

    return d ? (enum address_class)d->addresses : ADDRESS_UNKNOWN;
}

/* Replaces a weaker proof, for whichever class it was. */
static bool change_proof(struct domains *domains, struct domain *d, enum domain_class class,
                         enum proof proof, uint8_t door)
{
    if (d->proof == PROOF_NONE || d->proof >= proof)
        return false;
    domains->learned_real -= is_real(d);
    domains->changes += d->exact != class || d->proof == PROOF_OF_HOSTNAME;
    d->exact = (uint8_t) class;
    d->proof = (uint8_t)proof;
    d->door = door;
    domains->learned_real += is_real(d);
    return true;
}

bool domains_knows(const struct domains *domains, struct span domain, enum domain_class class,
                   enum proof proof)
{
    const struct domain *d = domain_find(domains, without_last_dot(domain));

    return d && d->exact == class && (d->proof == PROOF_NONE || d->proof >= proof);
}

bool domains_learn(struct domains *domains, struct span domain, enum domain_class class,
                   enum proof proof, uint8_t door, size_t max)
{
    struct span name = without_last_dot(domain);
    struct domain *d = domain_find(domains, name);

    if (d && change_proof(domains, d, class, proof, door))
        return true;
    if (d && (d->exact != CLASS_UNKNOWN || d->proof >= proof))
        return true;
    /* A name whose class its parent already tells needs no entry of its own. */
    if (class != CLASS_UNKNOWN && domains_class(domains, name) == class)
        return true;
    if (!is_domain_name(name) || domains->learned >= max ||
        (!d && !(d = domain_insert(domains, name))))
        return false;
    d->exact = (uint8_t) class;
    d->proof = (uint8_t)proof;
    d->door = door;
    domains->learned++;
    domains->learned_real += is_real(d);
    domains->changes++;
    return true;
}

enum proof domains_proof(const struct domains *domains, struct span domain)
{
    const struct domain *d = domain_find(domains, without_last_dot(domain));

    return d ? (enum proof)d->proof : PROOF_NONE;
}

/* A stronger proof has replaced the delivery's, and stays. */
static bool is_by_door(const struct domain *d, uint8_t door)
{
    return (d->proof == PROOF_BY_DELIVERY || d->proof == PROOF_BY_SOCKET) && d->door == door;
}

void domains_forget_door(struct domains *domains, uint8_t door)
{
    struct domain *names = domains->names.items;

    for (size_t i = 0; i < domains->names.count; i++)
        if (is_by_door(&names[i], door))
            unlearn(domains, &names[i]);
}

void domains_forget_delivery(struct domains *domains, struct span domain, uint8_t door)
{
    struct domain *d = domain_find(domains, without_last_dot(domain));

    if (d && is_by_door(d, door))
        unlearn(domains, d);
}

/* By the nearest parent that stands for its subdomains. */
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
        if (d->exact != CLASS_UNKNOWN || d->proof != PROOF_NONE)
            visit(ctx, domain_name(d), (enum domain_class)d->exact, both, (enum proof)d->proof,
                  d->door);
        if (d->below != CLASS_UNKNOWN && !both)
            visit(ctx, span_of(d->dotted, d->len + 1U), (enum domain_class)d->below, true,
                  PROOF_NONE, 0);
    }
}

bool domains_has_like(const struct domains *domains, struct span beginning, enum domain_class class)
{
    const struct domain *names = domains->names.items;

    for (size_t i = 0; i < domains->names.count; i++) {
        struct span name = domain_name(&names[i]);
        if (names[i].below == class) /* any name may stand before it */
            return true;
        if (names[i].exact == class && beginning.len <= name.len &&
            span_equal_nocase(span_head(name, beginning.len), beginning))
            return true;
    }
    return false;
}
