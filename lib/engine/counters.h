/* SPDX-License-Identifier: MIT */
/*
 * Does:         says what a pipeline knows of itself: its counters, and what an operator should
 *               know of them.
 * Doesn't know: how they are shown.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_COUNTERS_H
#define RELAYWATCH_ENGINE_COUNTERS_H

#include "engine/stages.h"

/* Adds to the site's warnings what was found out on the way: own domains unknown, a table full. */
void pipeline_warn(struct pipeline *p);
/* Messages seen, each once whatever the number of its queue IDs; notices are not among them. */
uint64_t pipeline_messages(const struct pipeline *p);

/* A record was read. */
void pipeline_count_record(struct pipeline *p, const struct record *rec);

/* Every counter there is, with its sentence. */
typedef void pipeline_count(void *ctx, const char *name, const char *sentence, uint64_t value);
void pipeline_each_counter(const struct pipeline *p, pipeline_count *visit, void *ctx);

#endif
