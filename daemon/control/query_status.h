/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers "status" and "counters": what the daemon reads, holds and has sent.
 * Doesn't know: requests and clients; query.c finds the command.
 * Owns:         nothing; the cursors are the query's.
 * Time:         as query_core.h.
 * Fails:        as query_core.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_STATUS_H
#define RELAYWATCH_CONTROL_QUERY_STATUS_H

#include "control/query_core.h"

/* First steps. */
enum query_step query_status(struct query *query, struct evbuffer *out);
enum query_step query_counters(struct query *query, struct evbuffer *out);

#endif
