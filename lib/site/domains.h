/* SPDX-License-Identifier: MIT */
/*
 * Does:         a table of domain names, with the class of each and of its subdomains.
 * Doesn't know: what a class means, or who said so beyond "configured" and "learned".
 * Owns:         copies of the names, until domains_done.
 * Time:         timeless.
 * Fails:        adding returns false at a bound, for a name that can't be a domain, or when memory
 *               is short; lookups never fail.
 */
#ifndef RELAYWATCH_SITE_DOMAINS_H
#define RELAYWATCH_SITE_DOMAINS_H

#include "base/hash_index.h"
#include "base/list.h"
#include "base/terms.h"

struct domains {
    struct list names; /* struct domain, in the order they were added */
    struct hash_index index;
    bool any_below;       /* some domain speaks for its subdomains: lookups try the parents */
    bool configured_real; /* one of ours or relayed, not localhost, is configured */
    size_t configured, learned;
    size_t learned_real; /* of those, neither localhost nor merely the host's own name */
    uint64_t changes;    /* rises when any class changes: results from before may be stale */
};

bool domains_init(struct domains *domains);
void domains_done(struct domains *domains);

/* ".example.org" stands for its subdomains only; with `subdomains`, a name stands for both. The
 * first class configured for a name holds, and replaces what was learned. */
bool domains_configure(struct domains *domains, struct span domain, enum domain_class class,
                       bool subdomains, size_t max);
/* Makes a domain ours unless its class is known; a stronger proof replaces a weaker one. */
bool domains_learn(struct domains *domains, struct span domain, enum proof proof, size_t max);

/* CLASS_UNKNOWN if nothing is known of the name or a parent that speaks for it. Ignores case. */
enum domain_class domains_class(const struct domains *domains, struct span domain);

/* domain is borrowed until the table changes. */
typedef void domains_visit(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                           enum proof proof);
void domains_each(const struct domains *domains, domains_visit *visit, void *ctx);

#endif
