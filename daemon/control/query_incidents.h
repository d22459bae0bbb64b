/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers "incidents", "show", "close", "clients" and "queue": incidents, a person's
 *               decision about one, its clients, and what of it is still queued.
 * Doesn't know: requests and clients; query.c finds the command.
 * Owns:         nothing; the cursors are the query's.
 * Time:         as query_core.h.
 * Fails:        as query_core.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_INCIDENTS_H
#define RELAYWATCH_CONTROL_QUERY_INCIDENTS_H

#include "control/query_core.h"

/* First steps. */
enum query_step query_incidents(struct query *query, struct evbuffer *out);
enum query_step query_show(struct query *query, struct evbuffer *out);
enum query_step query_close(struct query *query, struct evbuffer *out);
enum query_step query_clients(struct query *query, struct evbuffer *out);
enum query_step query_queue(struct query *query, struct evbuffer *out);

#endif
