/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds mail of a stranger's domain that was accepted before the log begins and still
 *               waits in the queue. Nobody can be blamed for it, but it may be what an attack left.
 * Doesn't know: who is told.
 * Owns:         the domains it has warned of.
 * Time:         event time in seconds, given.
 * Fails:        short of memory, or beyond OLD_QUEUE_DOMAINS_MAX, a domain is not counted.
 */
#ifndef RELAYWATCH_ENGINE_OLD_QUEUE_H
#define RELAYWATCH_ENGINE_OLD_QUEUE_H

#include "base/tally.h"
#include "site/site.h"
#include "track/tracker.h"

enum { OLD_QUEUE_DOMAINS_MAX = 1024 };

struct old_queue {
    struct tally warned;
    uint64_t seen;   /* such messages at the last look; another number makes for the next one */
    uint32_t next_s; /* not before: a look visits every message */
};

void old_queue_done(struct old_queue *q, struct interns *texts);
/* Adds a warning for each sender domain of which at least min_recipients wait. seen: how many
 * messages without an acceptance there have been. */
void old_queue_look(struct old_queue *q, const struct tracker *t, struct site *site, uint64_t seen,
                    uint32_t min_recipients, uint32_t now_s);

#endif
