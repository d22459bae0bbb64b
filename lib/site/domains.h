/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps a table of domain names, with the class of each and of its subdomains.
 * Doesn't know: what a class means, or where it comes from beyond "configured" and "learned".
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
    struct list names; /* in order of arrival */
    struct hash_index index;
    bool any_below;       /* some domain stands for its subdomains: lookups walk the parents */
    bool refused;         /* mail of strangers for the outside has been refused */
    bool configured_real; /* one of ours or a relay domain, not localhost, was configured */
    size_t configured, learned;
    size_t learned_real; /* of these, neither localhost nor merely the host's own name */
    uint64_t changes;    /* of any class: answers given before may be stale */
};

bool domains_init(struct domains *domains);
void domains_done(struct domains *domains);

/* ".example.org" stands for its subdomains only; with `subdomains`, a name stands for both. The
 * first class configured for a name holds, and replaces what was learned. */
bool domains_configure(struct domains *domains, struct span domain, enum domain_class class,
                       bool subdomains, size_t max);
/* True if domains_learn would change nothing: the name has the class already, from settings or by a
 * proof as good. */
bool domains_knows(const struct domains *domains, struct span domain, enum domain_class class,
                   enum proof proof);
/* Adds what the log proves, unless the domain is configured (which also returns true). A stronger
 * proof replaces a weaker one. door: for PROOF_BY_DELIVERY and PROOF_BY_SOCKET, else 0.
 * CLASS_UNKNOWN with PROOF_SENT_AWAY or PROOF_LIKE_GATEWAY: weaker proofs don't count any more. */
bool domains_learn(struct domains *domains, struct span domain, enum domain_class class,
                   enum proof proof, uint8_t door, size_t max);
/* What the log proves of the name itself, rather than of a parent; PROOF_NONE for what is
 * configured. */
enum proof domains_proof(const struct domains *domains, struct span domain);
/* Forgets what deliveries to that door have proved: it returns mail. */
void domains_forget_door(struct domains *domains, uint8_t door);
/* The same for one domain: some of its mail came back. */
void domains_forget_delivery(struct domains *domains, struct span domain, uint8_t door);

/* Notes of a configured name by which table its recipients are known; the first told holds. */
void domains_set_address_class(struct domains *domains, struct span domain,
                               enum address_class class);
/* Of the name itself. */
enum address_class domains_address_class(const struct domains *domains, struct span domain);

/* CLASS_UNKNOWN if neither the name nor a parent that stands for it is known. Ignores case. */
enum domain_class domains_class(const struct domains *domains, struct span domain);

/* True if a domain of that class may begin so. Looks at each one: for what is rare. */
bool domains_has_like(const struct domains *domains, struct span beginning,
                      enum domain_class class);

/* Also visits those of which a proof is known but no class (PROOF_SENT_AWAY,
 * PROOF_LIKE_GATEWAY). domain is borrowed
 * until the table changes. */
typedef void domains_visit(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                           enum proof proof, uint8_t door);
void domains_each(const struct domains *domains, domains_visit *visit, void *ctx);

#endif
