/* SPDX-License-Identifier: MIT */
/*
 * Does:         notes when each host was last heard and how long it pauses, and tells which have
 *               gone silent, whose lines come late and whose clock is ahead.
 * Doesn't know: who is told.
 * Owns:         nothing; what it notes is in struct hosts.
 * Time:         pauses are event time; silence is by the steady clock, lag by the wall clock, both
 *               given.
 * Fails:        of one host alone, or while old lines are read, it knows nothing.
 *
 * A host is silent once no line of it has come for ten times its longest pause of the last two
 * weeks, for 15 minutes at least, and for a week at most unless twice that pause is more. It must
 * have been heard over a day before, and is taken for gone when it is silent for a week longer.
 */
#ifndef RELAYWATCH_ENGINE_HOST_HEARD_H
#define RELAYWATCH_ENGINE_HOST_HEARD_H

#include "engine/stages.h"

/* A longer pause than those before, or the first line. */
void host_heard_pause(struct host_heard *heard, uint32_t at_s);
/* A line of a host has come `at`, and its time is known. One dated far ahead of the host's clock
 * moved that not. */
static inline void host_heard_note(struct host_heard *heard, uint32_t at_s, uint32_t now_s,
                                   wall_us at)
{
    uint32_t s = at_s < now_s ? at_s : now_s;

    if (s > (uint64_t)heard->line_s + heard->pause_s)
        host_heard_pause(heard, s);
    heard->line_s = s;
    heard->at = at;
}
static inline void host_heard_see(struct pipeline *p, uint16_t host, uint32_t at_s)
{
    host_heard_note(&p->hosts.heard[host], at_s, p->hosts.host[host].now_s, p->clock);
}

/* Lines are followed as they are written from now on, by the pipeline's clock; or no more. */
void host_heard_follow(struct pipeline *p, bool is_followed);
/* At times, while all lines that were written have been read; `now` is the steady clock. */
void host_heard_look(struct pipeline *p, wall_us now);
/* `to` goes on as `from`, which has read the same lines. */
void host_heard_move(struct pipeline *to, const struct pipeline *from);

/* --- what is known ---------------------------------------------------------------------------- */

enum { HOSTS_SEEN_SHOWN = 10, HOSTS_SEEN_LATE_S = 300 };

struct host_seen {
    uint16_t host;
    uint32_t line_s;  /* the time of its last line, as that tells it */
    uint32_t quiet_s; /* no line has come for so long */
    uint32_t after_s; /* then it counts as silent; 0: not known yet */
    uint32_t pause_s; /* the longest */
    bool silent;
    bool is_timed;            /* its last line was read as it was written: the next two are known */
    uint32_t late_s, ahead_s; /* by how much that line came late, or its clock is ahead */
};

struct hosts_seen {
    uint32_t count; /* without those that are gone */
    uint32_t silent, late, ahead;
    uint32_t well;          /* none of these */
    uint16_t newest_silent; /* HOSTS_NONE: none */
    uint32_t shown;
    struct host_seen host[HOSTS_SEEN_SHOWN]; /* silent ones, then those most off, or most behind */
};

/* Of all hosts; `now` and `wall` are the same moment by the steady clock and the wall clock. */
void hosts_seen_sum(const struct pipeline *p, wall_us now, wall_us wall, struct hosts_seen *ret);
/* Of one, apart from a pipeline: without what its lag is. */
struct host_seen host_heard_seen(const struct host_heard *heard, uint16_t host, wall_us now);
/* Whether it was heard at all, and is not gone. */
bool host_is_heard(const struct pipeline *p, uint16_t host, wall_us now);
/* Of one. */
struct host_seen host_seen_of(const struct pipeline *p, uint16_t host, wall_us now, wall_us wall);

#endif
