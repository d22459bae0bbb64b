/* SPDX-License-Identifier: MIT */
/*
 * Does:         says what it rests on that an incident's recipients are outside, or ours, and its
 *               clients strangers, or trusted: settings, proofs of the log, or that nothing is
 *               known.
 * Doesn't know: where it is shown; why a single message was judged as it was (judge.h).
 * Owns:         nothing.
 * Time:         timeless: by what is known of the site now.
 * Fails:        without a site nothing is said. What there is no room for is left out; a name that
 *               is too long is cut.
 */
#ifndef RELAYWATCH_REPORT_GROUNDS_H
#define RELAYWATCH_REPORT_GROUNDS_H

#include "base/buf.h"
#include "report/view.h"

enum { GROUNDS_MAX = 4 };

struct grounds {
    char text[GROUNDS_MAX][VIEW_TEXT_MAX]; /* a sentence each, without a full stop */
    uint32_t count;
};

void grounds_find(const struct incident_view *view, struct grounds *ret);

/* Why the client "name[address]" of that host is trusted, or why not. Returns whether it is. */
bool grounds_of_client(struct buf *to, const struct site *site, struct span host,
                       struct span client);

#endif
