/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds mail from foreign sender domains that was accepted before the log begins and
 *               still waits in the queue. Nobody can be blamed, but an attack may have left it.
 * Doesn't know: who gets the warning.
 * Owns:         the domains it has warned about.
 * Time:         event time in seconds, given.
 * Fails:        if memory is short, or beyond OLD_QUEUE_DOMAINS_MAX, a domain is not counted.
 */
#ifndef RELAYWATCH_ENGINE_OLD_QUEUE_H
#define RELAYWATCH_ENGINE_OLD_QUEUE_H

#include "base/tally.h"
#include "site/site.h"
#include "track/tracker.h"

enum { OLD_QUEUE_DOMAINS_MAX = 1024 };

struct old_queue {
    struct tally warned;
    uint64_t seen;   /* messages without an acceptance at the last look; look again if it changes */
    uint32_t next_s; /* the next look, at the earliest: each one visits every message */
};

void old_queue_done(struct old_queue *q, struct interns *texts);
/* Adds a warning for each sender domain with at least min_recipients waiting; 0 turns it off. seen:
 * the number of messages without an acceptance so far. */
void old_queue_look(struct old_queue *q, const struct tracker *t, struct site *site, uint64_t seen,
                    uint32_t min_recipients, uint32_t now_s);

#endif
