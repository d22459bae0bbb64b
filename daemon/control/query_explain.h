/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers "explain": one message and all that it is linked with, up and down.
 * Doesn't know: requests and clients; query.c finds the command.
 * Owns:         nothing; the cursors are the query's.
 * Time:         as query_core.h.
 * Fails:        as query_core.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_EXPLAIN_H
#define RELAYWATCH_CONTROL_QUERY_EXPLAIN_H

#include "control/query_core.h"

/* First step. */
enum query_step query_explain(struct query *query, struct evbuffer *out);

#endif
