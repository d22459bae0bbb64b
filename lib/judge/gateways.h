/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds domains for which this host may be a gateway, where no complete list tells:
 *               many strangers write to them, and their mail goes on to one or two servers that
 *               are private or the domain's own, or of a provider that hosts domains.
 * Doesn't know: verdicts, or what follows from being one.
 * Owns:         a table of fixed size.
 * Time:         event time in seconds, given.
 * Fails:        at the bound the domain that was silent longest is forgotten: it has to show itself
 *               again.
 *
 * A stranger counts if his client has a confirmed name that is related to the sender's domain and
 * is not made of its address, as a mail server's is, and if neither network nor sender domain have
 * counted before. So one spammer under many senders is one stranger, and the dial-up lines of a
 * botnet are none, whatever senders they forge. Only the first GATEWAYS_FOUND_MAX domains are
 * found: an open relay is used for many.
 *
 * What the log can't tell from a gateway is a relay that several real mail servers use for the mail
 * of a few domains, each with a mail server of its own. That is asked, not reported; complete
 * settings decide it.
 */
#ifndef RELAYWATCH_JUDGE_GATEWAYS_H
#define RELAYWATCH_JUDGE_GATEWAYS_H

#include "site/site.h"

enum {
    GATEWAYS_MAX = 64,       /* domains that are watched */
    GATEWAYS_FOUND_MAX = 10, /* domains that are found */
    GATEWAY_STRANGERS = 5,
    GATEWAY_DELIVERIES = 10,
    GATEWAY_HOPS = 2,
    GATEWAY_FITTING_PERCENT = 90 /* of the deliveries go to those servers */
};

struct gateway_candidate {
    /* A hash under the seed, like those below; 0: free. Nothing else tells them apart (hash.h). */
    uint64_t domain;
    uint64_t hop[GATEWAY_HOPS];
    uint64_t network[GATEWAY_STRANGERS], sender[GATEWAY_STRANGERS];
    uint32_t seen_s;
    uint32_t deliveries, fitting;
    uint32_t strangers;
};

struct gateways {
    struct gateway_candidate candidate[GATEWAYS_MAX];
    uint32_t found;
};

/* smtp(8) has delivered a stranger's mail. client and relay as they are logged:
 * "name[address]", "name[address]:port". */
struct gateway_delivery {
    struct span domain; /* the recipient's */
    struct span client, sender, relay;
    uint32_t at_s;
};

/* True if the client, "name[address]", is a mail server of the sender's domain, as above. Gives
 * hashes of its network and of that domain, neither of them 0. */
bool gateways_is_server(struct span client, struct span sender, uint64_t seed,
                        uint64_t *ret_network, uint64_t *ret_domain);
/* True if this delivery shows that the host may be a gateway for that domain. Nothing that settings
 * or log have told of is looked at. */
bool gateways_see(struct gateways *gateways, const struct site *site, uint64_t seed,
                  const struct gateway_delivery *delivery);

#endif
