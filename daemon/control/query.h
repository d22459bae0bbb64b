/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers requests about the running daemon: status, incidents, show, queue, explain,
 *               counters. An answer comes in pieces that take a few milliseconds each.
 * Doesn't know: sockets, clients.
 * Owns:         a query's cursors. Between two pieces the pipeline goes on: a query keeps only
 *               names and numbers of what it is about.
 * Time:         live->now.
 * Fails:        a request that can't be answered is answered with the reason.
 *
 * Requests (all with "v": 1):
 *   {"command":"status","open":10}             status, then open_incident for the latest so many
 *   {"command":"incidents","all":false}        incident for each; all: the ended ones too
 *   {"command":"show","id":ID}                 incident
 *   {"command":"queue","id":ID,"held":false}   queue_ids, many at a time; held: those on hold too
 *   {"command":"explain","queue_id":ID}        message for it and all it hangs together with
 *   {"command":"counters"}                     counter for each
 */
#ifndef RELAYWATCH_CONTROL_QUERY_H
#define RELAYWATCH_CONTROL_QUERY_H

#include <event2/buffer.h>

#include "control/runtime.h"

struct query;

/* Begins the query to a line. live is borrowed until query_free. NULL when memory is short. */
struct query *query_new(const struct runtime *live, struct span request);
/* Adds the next piece; false when that was the last. */
bool query_more(struct query *query, struct evbuffer *out);
/* NULL is allowed. */
void query_free(struct query *query);
/* {"type":"error","code":...,"text":...}; code may be NULL. */
void query_error(struct evbuffer *out, const char *code, const char *text);

#endif
