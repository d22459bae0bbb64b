/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers a request about the running daemon, in steps that take a few milliseconds
 *               each, so that the loop never blocks.
 * Doesn't know: sockets, clients.
 * Owns:         a query's cursors. The pipeline moves on between two steps, so a query remembers
 *               what it is about only by names and numbers.
 * Time:         runtime->now.
 * Fails:        a request that cannot be answered is answered with an error object.
 *
 * Requests (all with "v": 1), and the objects that answer them:
 *   {"command":"status","open":10}             status, then open_incident for the 10 seen last;
 *                                              "severity":true: with the severity of each
 *   {"command":"incidents","all":false}        incident for each; all: including the ended ones
 *   {"command":"show","id":ID}                 incident
 *   {"command":"clients","id":ID}              clients, many each, with how many there were
 *   {"command":"close","id":ID,"reason":TEXT}  incident, closed by a person; nothing else
 *                                              changes anything
 *   {"command":"queue","id":ID,"held":false}   queue_ids, many each; held: including those on hold
 *   {"command":"explain","queue_id":ID}        message for it and for each message linked with it
 *   {"command":"counters"}                     counter for each
 *   {"command":"activity"}                     rates: recipients by minute and root; then nearest
 *                                              for each key that is nearest to its threshold
 *   {"command":"series"}                       series for each figure with labels
 *   {"command":"test-alert"}                   route for each way of an alert, with what became of
 *                                              a test; while that is open, waiting now and then
 */
#ifndef RELAYWATCH_CONTROL_QUERY_H
#define RELAYWATCH_CONTROL_QUERY_H

#include <event2/buffer.h>

#include "base/span.h"
#include "control/runtime.h"

struct query;

/* Starts a query from one line of request. runtime is borrowed until query_free. NULL if out of
 * memory. */
struct query *query_new(const struct runtime *runtime, struct span request);
/* Runs the next step, which appends objects to `out`; false if it was the last. */
bool query_more(struct query *query, struct evbuffer *out);
/* The next step has to wait: look again in a tenth of a second. */
bool query_waits(const struct query *query);
/* NULL is allowed. */
void query_free(struct query *query);
/* {"type":"error","code":...,"text":...}; code may be NULL. */
void query_error(struct evbuffer *out, const char *code, const char *text);

#endif
