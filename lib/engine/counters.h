/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists a pipeline's counters, and turns those that an operator must act on into
 *               warnings of the site.
 * Doesn't know: how they are shown.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_COUNTERS_H
#define RELAYWATCH_ENGINE_COUNTERS_H

#include "engine/stages.h"

/* Adds warnings to the site for what turned up on the way: unknown own domains, full tables. */
void pipeline_warn(struct pipeline *p);
/* The number of messages seen. One with several queue IDs counts once, a notice not at all. */
uint64_t pipeline_messages(const struct pipeline *p);

/* A line without a record was read, or one of a host beyond the bound. */
void pipeline_count_line(struct pipeline *p, enum log_line_kind kind);
/* A record was read. */
void pipeline_count_record(struct pipeline *p, const struct record *rec);
/* One was read that is IGNORED, and not a filter's. */
static inline void pipeline_count_idle(struct pipeline *p)
{
    p->counters.postfix++;
    p->counters.ignored++;
}
/* A record with a refusal was read. */
void pipeline_take_refusal(struct pipeline *p, const struct record *rec);

/* Every counter there is, with its sentence. */
typedef void pipeline_count(void *ctx, const char *name, const char *sentence, uint64_t value);
void pipeline_each_counter(const struct pipeline *p, pipeline_count *visit, void *ctx);

#endif
