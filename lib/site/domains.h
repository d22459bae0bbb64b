/* SPDX-License-Identifier: MIT */
/*
 * Does:         a table of domain names with the class of each and of its subdomains.
 * Doesn't know: what a class means, or who said so beyond "told" and "learned".
 * Owns:         copies of the names, until domains_done.
 * Time:         timeless.
 * Fails:        adders return false at a bound, on a name that can't be a domain, or when memory is
 *               short; lookups never fail.
 */
#ifndef RELAYWATCH_SITE_DOMAINS_H
#define RELAYWATCH_SITE_DOMAINS_H

#include "base/hash_index.h"
#include "base/list.h"
#include "base/terms.h"

struct domains {
    struct list names; /* in the order they came */
    struct hash_index index;
    bool any_below;       /* some domain speaks for its subdomains: lookups walk the parents */
    bool configured_real; /* one that is ours or relayed and not localhost was told */
    size_t told, learned;
    size_t learned_real; /* not localhost, nor merely the host's own name */
    uint64_t changes;    /* of any class: what was looked up before may be stale */
};

bool domains_init(struct domains *domains);
void domains_done(struct domains *domains);

/* ".example.org" is its subdomains only, with `subdomains` both. The first class told for a name
 * holds; what was learned before gives way. */
bool domains_configure(struct domains *domains, struct span domain, enum domain_class class,
                       bool subdomains, size_t max);
/* Ours, unless a class is known; true then too. A stronger proof takes the place of a weaker. */
bool domains_learn(struct domains *domains, struct span domain, enum proof proof, size_t max);

/* CLASS_UNKNOWN where nothing is known of the name or of a parent that speaks for it. Compares
 * without case, neither copies nor allocates. */
enum domain_class domains_class(const struct domains *domains, struct span domain);

/* The spans are borrowed until the table changes. */
typedef void domains_visit(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                           enum proof proof);
void domains_each(const struct domains *domains, domains_visit *visit, void *ctx);

#endif
