/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts by time what given incidents' mail did, and all mail by its origin, while a
 *               pipeline reads the log a second time: it is then known which incidents there are.
 * Doesn't know: who reads the log, how it is shown.
 * Owns:         its tables; subjects' texts and the pipeline are borrowed.
 * Time:         event time in seconds.
 * Fails:        when memory is short, it counts less.
 *
 * Pass activity_line and activity_verdict to the pipeline's options, and tell activity_begin of it.
 */
#ifndef RELAYWATCH_ENGINE_ACTIVITY_H
#define RELAYWATCH_ENGINE_ACTIVITY_H

#include "base/list.h"
#include "engine/stages.h"
#include "report/timeline.h"

/* Of an incident; accepted are messages, the next three are attempts to deliver to a recipient. */
enum activity_series { ACTIVITY_SENT, ACTIVITY_DEFERRED, ACTIVITY_BOUNCED, ACTIVITY_ACCEPTED };

/* Of all messages. */
enum activity_origin {
    ACTIVITY_OUTSIDE,
    ACTIVITY_OF_ACCOUNT,
    ACTIVITY_LOCAL,
    ACTIVITY_TRUSTED,
    ACTIVITY_NOTICE,
    ACTIVITY_OTHER
};

/* What postsuper(1) or a hold in Postfix's settings has done with an incident's messages. */
struct activity_acts {
    uint32_t first_s, last_s;
    uint64_t n; /* 0: nothing */
};

/* An incident, as its JSON tells it. */
struct activity_subject {
    enum kind kind;
    enum cause cause;
    enum key_type key_type;
    struct span key, host;
    uint32_t first_s, last_s;
    struct timeline timeline; /* enum activity_series */
    struct timeline begin;    /* the same, its first two hours by the minute */
    struct activity_acts held, released, deleted;
};

struct activity {
    struct activity_subject *subject; /* borrowed */
    uint32_t subject_count;
    struct pipeline *pipeline;
    struct timeline origins; /* enum activity_origin */
    struct list pending;     /* recipients judged since the last line */
    struct list cells;       /* which subject each cell belongs to */
    struct list seen;        /* a byte for each message by its serial: what was counted */
};

/* Where several subjects have a message's key, it counts for the narrowest one. */
void activity_init(struct activity *a, struct activity_subject *subject, uint32_t count);
void activity_begin(struct activity *a, struct pipeline *pipeline);
void activity_done(struct activity *a);

/* A pipeline_listener and a judge_listener; ctx is the struct activity. */
void activity_line(void *ctx, const struct pipeline_line *line);
void activity_verdict(void *ctx, const struct message *m, const struct recipient *r,
                      enum verdict verdict, int kind);
/* The number of the subject that the message belongs to, or -1. For evidence lines. */
int activity_subject_of(struct activity *a, const struct message *m);

#endif
