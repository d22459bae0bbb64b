/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers "activity": how much mail there was in each of the last 60 minutes, and who
 *               is nearest to a threshold. That is worked out when somebody asks.
 * Doesn't know: requests and clients; query.c finds the command.
 * Owns:         nothing; the cursors are the query's.
 * Time:         as query_core.h.
 * Fails:        as query_core.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_ACTIVITY_H
#define RELAYWATCH_CONTROL_QUERY_ACTIVITY_H

#include "control/query_core.h"

/* First step. */
enum query_step query_activity(struct query *query, struct evbuffer *out);

#endif
