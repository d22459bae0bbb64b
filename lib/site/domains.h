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
    struct list names; /* in the order they came */
    struct hash_index index;
    bool any_below;       /* some domain speaks for its subdomains: lookups walk the parents */
    bool configured_real; /* one that is ours or relayed and not localhost was told */
    size_t configured, learned;
    size_t learned_real; /* not localhost, nor merely the host's own name */
    uint64_t changes;    /* of any class: what was looked up before may be stale */
};

bool domains_init(struct domains *domains);
void domains_done(struct domains *domains);

/* ".example.org" stands for its subdomains only; with `subdomains`, a name stands for both. The
 * first class configured for a name holds, and replaces what was learned. */
bool domains_configure(struct domains *domains, struct span domain, enum domain_class class,
                       bool subdomains, size_t max);
/* What the log proves, unless the settings say something of the domain; true then too. A stronger
 * proof takes the place of a weaker. door: for PROOF_BY_DELIVERY, else 0. */
bool domains_learn(struct domains *domains, struct span domain, enum domain_class class,
                   enum proof proof, uint8_t door, size_t max);
/* What that door took proves nothing: it gives mail back. */
void domains_forget_door(struct domains *domains, uint8_t door);

/* CLASS_UNKNOWN if nothing is known of the name or a parent that speaks for it. Ignores case. */
enum domain_class domains_class(const struct domains *domains, struct span domain);

/* domain is borrowed until the table changes. */
typedef void domains_visit(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                           enum proof proof, uint8_t door);
void domains_each(const struct domains *domains, domains_visit *visit, void *ctx);

#endif
