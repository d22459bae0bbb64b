/* SPDX-License-Identifier: MIT */
/*
 * Does:         recognises mail of the site that comes from a public address: what its users at
 *               Microsoft 365 or Google Workspace write, handed over by the provider on its way to
 *               the outside, and what an office or a mail server behind this gateway sends. For
 *               where no networks are told. It counts as a trusted client's.
 * Doesn't know: verdicts. The providers' names are in site/providers.def.
 * Owns:         nothing; what was seen is in the judge's table of pairs (familiar.h).
 * Time:         event time in seconds; it counts by the day.
 * Fails:        what the log can't tell is asked, in a site warning.
 */
#ifndef RELAYWATCH_JUDGE_CONNECTORS_H
#define RELAYWATCH_JUDGE_CONNECTORS_H

#include "judge/judge_state.h"

/* DOMAINS: so many of which nothing is known may be the site's. OFFICES: so many networks of a
 * domain. REFUSED: one in so many, and at least MIN. ASK: after so many recipients. */
enum {
    CONNECTORS_DOMAINS = 5,
    CONNECTORS_OFFICES = 2,
    CONNECTORS_REFUSED = 10,
    CONNECTORS_REFUSED_MIN = 5,
    CONNECTORS_ASK = 5
};

/* True if m, for r outside, may be the site's own mail. */
bool connectors_may_hand_over(struct judge *judge, const struct message *m,
                              const struct recipient *r);

/* True if the client ("name[address]") is a machine of the domain, whose mail comes in here, and
 * strangers are refused. */
bool connectors_is_of_domain(const struct site *site, struct span client, struct span domain);

#endif
